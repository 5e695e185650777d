import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, 'heap-growth-program.ts');
const MIB = 1024 * 1024;

interface Sizes {
  readonly young: number;
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

test('the young generation stops at a few MiB, beyond which it would grow by itself', () => {
  expect(limited.young).toBeLessThanOrEqual(10 * MIB);
  expect(unlimited.young).toBeGreaterThan(15 * MIB);
});

test('the whole heap stays well below what it would grow to', () => {
  expect(limited.whole / unlimited.whole).toBeLessThan(0.75);
});
