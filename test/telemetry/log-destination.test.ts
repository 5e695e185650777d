import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { createLogDestination } from '../../src/telemetry/logger.ts';

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

it('has written every line, in order, when it says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'logs-'));
  // A block, whose write is under way when the last line comes; which of the two writes is faster is a matter of luck.
  const block = `${'x'.repeat(5000)}\n`;
  const written = Array.from({ length: 20 }, async (_, number) => {
    const file = join(folder, String(number));
    // Stays open: a destination goes on looking for lines to write for as long as the process lives.
    const logs = createLogDestination(openSync(file, 'w'));
    logs.write(block);
    logs.write('last\n');
    await logs.writeAll();
    return readFile(file, 'utf8');
  });
  expect(new Set(await Promise.all(written))).toEqual(new Set([`${block}last\n`]));
  await rm(folder, { recursive: true });
});

it('drops nothing that is read', async () => {
  expect(await flood(2000, 1024)).toBe(2000 * 1024);
});
