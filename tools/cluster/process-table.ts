import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A process's command line, arguments separated by spaces; empty when there is no such process. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform !== 'linux') return ps('args=', pid);
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.replaceAll('\0', ' ');
}

/** A process's parent; 0 when there is no such process. */
export async function parentOf(pid: number): Promise<number> {
  if (process.platform !== 'linux') return Number(await ps('ppid=', pid));
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // `PID (NAME) STATE PPID …`, and a name may hold spaces and parentheses itself (proc(5)).
  return Number(stat.slice(stat.lastIndexOf(')') + 1).split(' ')[2] ?? 0);
}

/** The rest of the world has no /proc, but a ps; minimal Linux images have it the other way round. */
async function ps(column: string, pid: number): Promise<string> {
  return promisify(execFile)('ps', ['-o', column, '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
  );
}

/** A killed process is gone within milliseconds, unless nobody collects it: then it stays in the table, and that is that. */
const GROUP_END_TIMEOUT_MS = 2000;

/** Kills a process group and resolves when its processes have ended. */
export async function killGroup(groupId: number): Promise<void> {
  const deadline = performance.now() + GROUP_END_TIMEOUT_MS;
  while (signalGroup(groupId) && performance.now() < deadline) await sleep(10);
}

/** Whether there was anybody to get the signal. */
function signalGroup(groupId: number): boolean {
  try {
    return process.kill(-groupId, 'SIGKILL');
  } catch {
    return false;
  }
}
