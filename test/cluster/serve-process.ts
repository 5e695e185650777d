import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { inject } from 'vitest';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import type { Installation } from '../../tools/installation/installation.ts';

/** A `serve` whose process is the test's own child: its Node flags, its signals and all that it writes. */
export interface ServeProcess extends AsyncDisposable {
  kill(signal: NodeJS.Signals): void;
  isReady(): Promise<boolean>;
  /** Resolves with how it ended and what it had written, once it has. */
  readonly ended: Promise<ProcessEnd>;
  /** What it wrote so far. */
  output(): string;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly output: string;
}

/** Resolves when it is ready. */
export async function startServe(product: Installation, nodeFlags: readonly string[]): Promise<ServeProcess> {
  const opsPort = await findFreePort();
  const child = spawn(
    process.execPath,
    [
      ...nodeFlags,
      ...[
        inject('entry'),
        'serve',
        `--kubeconfig=${product.kubeconfig}`,
        '--log-level=trace',
        '--tls-extra-san=127.0.0.1',
      ],
      ...[`--listen=127.0.0.1:${await findFreePort()}`, `--ops-listen=127.0.0.1:${opsPort}`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
  const ended = once(child, 'close').then(([code]): ProcessEnd => ({ code: code as number | null, output }));
  const isReady = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${opsPort}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    const end = await Promise.race([
      ended,
      new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 50)),
    ]);
    if (end !== undefined) throw new Error(`serve ended before it was ready: ${end.output}`);
  }
  return {
    isReady,
    kill: (signal) => void child.kill(signal),
    ended,
    output: () => output,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
