import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createTextPool, type ShareText } from '../../src/kube/text-pool.ts';

test('a text comes back equal, whether it is known, new, or was forgotten', () => {
  const share = createTextPool(2);
  for (const text of ['a', 'b', 'a', 'c', 'a', 'b', '', '__proto__']) expect(share(text)).toBe(text);
});

test('equal texts are held once, also after all were forgotten', () => {
  const bytes = 300 * 10_000;
  expect(heldBytes((text) => text)).toBeGreaterThan(bytes);
  expect(heldBytes(createTextPool(5))).toBeLessThan(bytes / 5);
});

/** What the heap grows by while 300 texts of 10,000 characters are held, all equal, and some others were seen before. */
function heldBytes(share: ShareText): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let index = 0; index < 12; index++) share(`another ${index}`);
  collect();
  const before = process.memoryUsage().heapUsed;
  // As from the network: each a string of its own.
  const held = Array.from({ length: 300 }, () => share(Buffer.alloc(10_000, 'text ').toString('latin1')));
  collect();
  const after = process.memoryUsage().heapUsed;
  expect(held).toHaveLength(300);
  return after - before;
}
