import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Replica } from '../../tools/installation/installation.ts';
import { HEAP_ALLOWANCE_BYTES } from './settings.ts';

/** How it stands with one replica before a fault. */
export interface Health {
  readonly pid: number | undefined;
  readonly heapBytes: number;
}

/** Needs the program of garbage-collection-program.ts. */
export async function examine(replica: Replica): Promise<Health> {
  const { pid } = replica.program;
  if (pid === undefined) throw new Error('the replica does not run');
  // Twice, with a turn between: what finalizers let go of is garbage only after the first.
  for (let i = 0; i < 2; i++) {
    process.kill(pid, 'SIGUSR2');
    await sleep(100);
  }
  const heap = (await replica.metric('nodejs_heap_size_used_bytes')) ?? NaN;
  const external = (await replica.metric('nodejs_external_memory_bytes')) ?? NaN;
  return { pid, heapBytes: heap + external };
}

/** It is the same process, holds no more memory than before, and met nothing that its program did not foresee. */
export async function expectUnharmed(replica: Replica, before: Health): Promise<void> {
  const now = await examine(replica);
  expect(now.pid).toBe(before.pid);
  expect(now.heapBytes - before.heapBytes, 'bytes more than before').toBeLessThan(HEAP_ALLOWANCE_BYTES);
  expect(await readUnforeseen(replica)).toEqual([]);
}

/** Log lines of faults in the program itself, and whatever it or its runtime wrote that is no log line. */
export async function readUnforeseen(replica: Replica): Promise<string[]> {
  const lines = (await readFile(replica.program.logFile, 'utf8')).split('\n');
  return lines.filter((line) => line !== '' && (!line.startsWith('{') || line.includes('"reason":"Unexpected"')));
}

/** What it said last, its Secrets' plans left out, for who looks into a test that failed. */
export async function readLogTail(replica: Replica): Promise<string> {
  const lines = (await readFile(replica.program.logFile, 'utf8')).split('\n');
  return lines
    .filter((line) => !line.includes('"msg":"managed Secret"'))
    .slice(-80)
    .join('\n');
}
