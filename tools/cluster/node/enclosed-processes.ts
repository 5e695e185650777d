import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { commandLine } from '../process-table.ts';

/** A killed process is gone within milliseconds; a container's has to be collected by its shim's parent first. */
const END_TIMEOUT_MS = 5000;

/**
 * For a supervisor that ends: ends what its programs have started and left running (containers and their shims), and
 * takes away the mounts below `folder`, so that it can be removed. Does nothing where `enclosure.sh` is not this PID
 * namespace's first process: there, other processes are none of the cluster's.
 */
export async function endEnclosed(folder: string): Promise<void> {
  if (process.platform !== 'linux' || !(await commandLine(1)).includes('node/enclosure.sh ')) return;
  const deadline = performance.now() + END_TIMEOUT_MS;
  for (;;) {
    const others = (await readdir('/proc')).map(Number).filter((pid) => pid > 1 && pid !== process.pid);
    if (others.length === 0 || performance.now() > deadline) break;
    for (const pid of others) kill(pid);
    await sleep(10);
  }
  for (const mount of (await mountsBelow(folder)).reverse()) await promisify(execFile)('umount', ['--lazy', mount]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

/** Mount points below a folder, in the order in which they were mounted (proc_pid_mountinfo(5): the fifth field). */
async function mountsBelow(folder: string): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return table
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replaceAll('\\040', ' '))
    .filter((point) => point.startsWith(`${folder}/`));
}
