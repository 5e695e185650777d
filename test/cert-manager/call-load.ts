import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { KubeClient } from '../../src/kube/client.ts';
import { createDryRunPod } from '../cluster/dry-run-pod.ts';
import type { LiveTrust } from '../cluster/live-trust.ts';
import { connectStrictly, review } from '../cluster/strict-client.ts';

export interface CallLoad {
  /** Resolves after this many more calls of each kind, or with the first that failed. */
  calls(count: number): Promise<void>;
  /** What failed. */
  end(): Promise<readonly string[]>;
}

const IMAGE = 'harbor.example.com/team/app:v1';
const KINDS = ['open connection', 'new connection', 'API server'] as const;

/**
 * Calls without a pause, on connections of their own and on one that stays open, trusting the live caBundle alone; and Pods
 * through the API server, which fails open: a call that it could not make is a Pod without its reference.
 */
export function startCalls(client: KubeClient, trust: LiveTrust, origin: string): CallLoad {
  const failures: string[] = [];
  const counts = { 'open connection': 0, 'new connection': 0, 'API server': 0 };
  const ending = new AbortController();
  const connect = () => connectStrictly(origin, trust.bundles()[0] ?? '');

  async function repeat(kind: (typeof KINDS)[number], call: () => Promise<void>): Promise<void> {
    while (!ending.signal.aborted) {
      await call().catch((error: unknown) => failures.push(`${kind}: ${String(error)}`));
      counts[kind] += 1;
      await delay(10);
    }
  }
  async function callOnOpenConnection(): Promise<void> {
    const socket = await connect();
    await repeat('open connection', async () => expect((await review(socket, 'tom', IMAGE)).patch).toBeDefined());
    socket.destroy();
  }
  const running = [
    callOnOpenConnection(),
    repeat('new connection', async () => {
      const socket = await connect();
      expect((await review(socket, 'tom', IMAGE)).patch).toBeDefined();
      socket.destroy();
    }),
    repeat('API server', async () =>
      expect(await createDryRunPod(client, 'load', IMAGE)).toEqual([{ name: 'pullkeeper' }]),
    ),
  ];
  return {
    calls: async (count) => {
      const start = { ...counts };
      while (failures.length === 0 && KINDS.some((kind) => counts[kind] - start[kind] < count)) await delay(10);
    },
    end: async () => {
      ending.abort();
      await Promise.all(running);
      return failures;
    },
  };
}
