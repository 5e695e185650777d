import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';

export interface GoRun {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Gets every line of stderr as it comes: go reports downloads and compiled packages there. */
  readonly onLine?: (line: string) => void;
}

export interface GoResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long go has to clean up its work folder after SIGINT before it is killed. */
const INTERRUPT_GRACE_MS = 2000;

/** Linux gives it a third of what one of priority 0 gets: a build goes on beside tests, and they before it. */
const PRIORITY = 5;

/** A build takes every processor for minutes; what runs beside it is somebody's work, or a test that is judged by seconds. */
function yieldProcessors(pid: number): void {
  setPriority(pid, PRIORITY);
  // Linux may give each session the same share, whatever the priority of its processes: then the session's own counts.
  void writeFile(`/proc/${pid}/autogroup`, `${PRIORITY}`).catch(() => undefined);
}

/**
 * Runs `go` (found on the PATH of `env`) to its end. Rejects with the spawn error (`ENOENT`: there is no go), or with
 * the signal's reason once go and its compilers are gone.
 */
export async function runGo(run: GoRun): Promise<GoResult> {
  run.signal?.throwIfAborted();
  // A process group of its own: go does not stop its compilers when it is interrupted alone.
  const child = spawn('go', run.args, {
    cwd: run.cwd,
    env: run.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  if (child.pid !== undefined) yieldProcessors(child.pid);
  function killGroup(signal: NodeJS.Signals): void {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // the group has ended already
    }
  }
  const killAtExit = (): void => killGroup('SIGKILL');
  let killTimer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    killGroup('SIGINT');
    killTimer = setTimeout(killGroup, INTERRUPT_GRACE_MS, 'SIGKILL');
  };
  process.once('exit', killAtExit);
  run.signal?.addEventListener('abort', interrupt, { once: true });

  const stdout: string[] = [];
  const stderr: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr.push(line);
    run.onLine?.(line);
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    run.signal?.throwIfAborted();
    return { code, stdout: stdout.join(''), stderr: stderr.join('\n') };
  } finally {
    clearTimeout(killTimer);
    process.off('exit', killAtExit);
    run.signal?.removeEventListener('abort', interrupt);
  }
}
