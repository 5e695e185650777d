import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface CommandResult {
  /** What a terminal would show: both outputs in the order in which they were written. */
  readonly output: string;
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
}

/** Runs a command line as a person types it. A failing command is a result; it rejects when the signal is aborted. */
export type Shell = (command: string) => Promise<CommandResult>;

/** Where commands are typed. */
export interface ShellPlace {
  /** Its folder is their home. */
  readonly cluster: { readonly folder: string };
  readonly settings: Readonly<Record<string, string>>;
  readonly workingFolder: string;
}

export function createShell(
  { cluster, settings, workingFolder }: ShellPlace,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Shell {
  const path = `${settings['PATH']}:${env['PATH'] ?? '/usr/bin:/bin'}`;
  return async (command) => {
    signal.throwIfAborted();
    const child = spawn('sh', ['-c', `exec 2>&1\n${command}`], {
      cwd: workingFolder,
      // Nothing else of the person's environment: no proxy, and no language that kubectl would answer in.
      env: { ...settings, PATH: path, HOME: cluster.folder },
      stdio: ['ignore', 'pipe', 'inherit'],
      // A group of its own, so that a pipe's commands can be ended together.
      detached: true,
    });
    const endGroup = (): void => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    };
    signal.addEventListener('abort', endGroup, { once: true });
    try {
      const closed = once(child, 'close') as Promise<[number | null]>;
      const [output, [code]] = await Promise.all([text(child.stdout), closed]);
      signal.throwIfAborted();
      return { output, code };
    } finally {
      signal.removeEventListener('abort', endGroup);
    }
  };
}
