import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';

export interface KubectlOptions {
  /** Written to kubectl's standard input, for `-f -`. */
  readonly input?: string;
  /** Default: the cluster's admin. */
  readonly kubeconfig?: string;
  readonly signal?: AbortSignal;
}

export interface KubectlResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
}

/** Runs kubectl with a cluster's kubeconfig. A failing command is a result, not a rejection. */
export type Kubectl = (args: readonly string[], options?: KubectlOptions) => Promise<KubectlResult>;

/** kubectl keeps what it learns of an API server under this folder, by address: in a home folder the next cluster on that port would get it. */
export function kubectlCacheFolder(folder: string): string {
  return join(folder, 'kubectl-cache');
}

/**
 * A kubectl that leaves no file outside of `folder` and reads no settings of the user. `entrance` is the command line that
 * runs it where the API server is to be reached.
 */
export function createKubectl(
  file: string,
  folder: string,
  adminKubeconfig: string,
  entrance: readonly string[] = [],
): Kubectl {
  const [command, ...before] = [...entrance, file];
  return async (args, options = {}) => {
    const child = spawn(command, [...before, ...args], {
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        KUBECONFIG: options.kubeconfig ?? adminKubeconfig,
        KUBECACHEDIR: kubectlCacheFolder(folder),
        GOGC: process.env['GOGC'],
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    // A kubectl that ends before it has read everything breaks the pipe; its exit code says what was wrong.
    child.stdin.on('error', () => undefined).end(options.input ?? '');
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { stdout, stderr, code };
  };
}
