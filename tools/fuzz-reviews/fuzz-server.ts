import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { Answer } from './judge.ts';
import type { Request } from './review-case.ts';

/** What the server's process says of itself. */
export interface ServerPorts {
  readonly webhook: number;
  readonly ops: number;
  readonly caPem: string;
}

/** The product's server in a process of its own, asked over kept-alive TLS connections. */
export interface FuzzServer extends AsyncDisposable {
  /** Rejects when there is no answer: the connection or the process ended. */
  ask(request: Request): Promise<Answer>;
  /** Bytes of the server's heap that are in use after a garbage collection, from its metrics. */
  heapBytes(): Promise<number>;
}

export async function startFuzzServer(): Promise<FuzzServer> {
  const child = fork(join(import.meta.dirname, 'server-program.ts'), { execArgv: ['--expose-gc'] });
  const ports = await readPorts(child);
  const agent = new Agent({ connect: { ca: ports.caPem }, allowH2: false });
  return {
    ask: async ({ path, body }) => {
      const answer = await request(`https://127.0.0.1:${ports.webhook}${path}`, {
        method: 'POST',
        dispatcher: agent,
        headers: { 'content-type': 'application/json' },
        body,
      });
      return { status: answer.statusCode, body: await answer.body.text() };
    },
    heapBytes: async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${ports.ops}/metrics`)).text();
      const sample = /^nodejs_heap_size_used_bytes (\S+)$/m.exec(metrics)?.[1];
      if (sample === undefined) throw new Error('the metrics do not tell the heap');
      return Number(sample);
    },
    [Symbol.asyncDispose]: async () => {
      await agent.destroy();
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      child.disconnect();
      await ended;
    },
  };
}

async function readPorts(child: ChildProcess): Promise<ServerPorts> {
  const failed = once(child, 'exit').then(() => {
    throw new Error('the server ended before it listened');
  });
  const [message] = (await Promise.race([once(child, 'message'), failed])) as [ServerPorts];
  return message;
}
