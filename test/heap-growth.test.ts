import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, 'heap-growth-program.ts');
const MIB = 1024 * 1024;

interface Sizes {
  readonly grown: number;
  readonly shrunk: number;
  readonly again: number;
  readonly whole: number;
}

let limited: Sizes;
let unlimited: Sizes;

beforeAll(async () => {
  [limited, unlimited] = await Promise.all([grow('limited'), grow('unlimited')]);
});

async function grow(how: 'limited' | 'unlimited'): Promise<Sizes> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, how]);
  return JSON.parse(stdout) as Sizes;
}

test('the halves of the young generation stop at a few MiB, beyond which they would grow by themselves', () => {
  expect(limited.grown).toBeLessThan(5 * MIB);
  expect(unlimited.grown).toBeGreaterThan(7 * MIB);
});

test('what V8 took from them they get back', () => {
  expect(limited.grown).toBeGreaterThan(1.5 * MIB);
  expect(limited.shrunk).toBeLessThan(1.5 * MIB);
  expect(limited.again).toBeGreaterThan(1.5 * MIB);
});

test('the whole heap stays well below what it would grow to', () => {
  expect(limited.whole / unlimited.whole).toBeLessThan(0.75);
});
