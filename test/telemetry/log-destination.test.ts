import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const PROGRAM = join(import.meta.dirname, 'log-flood-program.ts');
const MIB = 1024 * 1024;

/** Bytes of all that the program still wrote once its output was read again. */
async function flood(lines: number, bytes: number): Promise<number> {
  const child = spawn(process.execPath, [PROGRAM, String(lines), String(bytes)], { stdio: 'pipe' });
  await once(child.stderr, 'data');
  const output = buffer(child.stdout);
  child.stdin.end();
  return (await output).length;
}

// A pipe that is full is tried again after 100 ms: 4 MiB take some seconds.
it('holds a few MiB of what nobody reads, and drops the rest', { timeout: 30_000 }, async () => {
  const written = await flood(10_000, 1024);
  expect(written).toBeGreaterThan(3 * MIB);
  expect(written).toBeLessThan(6 * MIB);
});

it('drops nothing that is read', async () => {
  expect(await flood(2000, 1024)).toBe(2000 * 1024);
});
