import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Cluster } from '../cluster/cluster.ts';
import { kubectlCacheFolder } from '../cluster/kubectl.ts';

export interface CommandResult {
  /** What a terminal would show: both outputs in the order in which they were written. */
  readonly output: string;
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
}

/** Runs a command line as a person types it. A failing command is a result; it rejects when the signal is aborted. */
export type Shell = (command: string) => Promise<CommandResult>;

/** What makes kubectl talk to the demo's cluster as its admin, and leave no file outside of the cluster's folder. */
export function kubectlEnvironment(cluster: Cluster, path: string): Readonly<Record<string, string>> {
  return {
    KUBECONFIG: cluster.kubeconfig,
    KUBECACHEDIR: kubectlCacheFolder(cluster.folder),
    PATH: `${dirname(cluster.kubectlFile)}:${path}`,
  };
}

export function createShell(cluster: Cluster, env: NodeJS.ProcessEnv, signal: AbortSignal): Shell {
  return async (command) => {
    signal.throwIfAborted();
    const child = spawn('sh', ['-c', `exec 2>&1\n${command}`], {
      cwd: cluster.folder,
      // Nothing else of the person's environment: no proxy, and no language that kubectl would answer in.
      env: { ...kubectlEnvironment(cluster, env['PATH'] ?? '/usr/bin:/bin'), HOME: cluster.folder },
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
