import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTextPool, type ShareText } from '../../src/kube/text-pool.ts';
import { exposeGarbageCollector } from '../support/garbage-collector.ts';

test('a text comes back equal, whether it is known, new, or was forgotten', () => {
  const share = createTextPool({ texts: 2, characters: 3 });
  for (const text of ['a', 'b', 'a', 'c', 'a', 'b', 'bbb', 'b', '', '__proto__']) expect(share(text)).toBe(text);
});

test('equal texts are held once, also after all were forgotten', () => {
  const bytes = 300 * 10_000;
  expect(heldBytes((text) => text)).toBeGreaterThan(bytes);
  expect(heldBytes(createTextPool({ texts: 5, characters: 1e6 }))).toBeLessThan(bytes / 5);
});

test('what is remembered is bounded, however large the texts are', () => {
  const share = createTextPool({ texts: 1000, characters: 100_000 });
  expect(grownBytes(() => void share(newText(10_000)))).toBeLessThan(300_000);
});

/** What the heap grows by while 300 texts of 10,000 characters are held, all equal, and some others were seen before. */
function heldBytes(share: ShareText): number {
  for (let index = 0; index < 12; index++) share(`another ${index}`);
  const held: string[] = [];
  const grown = grownBytes(() => held.push(share(Buffer.alloc(10_000, 'text ').toString('latin1'))));
  expect(held).toHaveLength(300);
  return grown;
}

/** What the heap grows by when this is done 300 times. */
function grownBytes(step: () => void): number {
  const collect = exposeGarbageCollector();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < 300; index++) step();
  collect();
  return process.memoryUsage().heapUsed - before;
}

/** As from the network: a string of its own. */
function newText(characters: number): string {
  return randomBytes(characters / 2).toString('hex');
}
