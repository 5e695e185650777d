import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, 'young-generation-program.ts');
const MIB = 1024 * 1024;

async function grow(how: 'limited' | 'unlimited'): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, how]);
  return Number(stdout);
}

test('the young generation stops at a few MiB', async () => {
  expect(await grow('limited')).toBeLessThanOrEqual(10 * MIB);
});

test('it would grow beyond that by itself: the limit is not for nothing', async () => {
  expect(await grow('unlimited')).toBeGreaterThan(15 * MIB);
});
