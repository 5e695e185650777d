import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../../src/kube/client.ts';

/** What became of Pods that were created one after another, at a rate. */
export interface PodStream {
  /** Created so far. */
  readonly created: () => number;
  /** Ends it, and says how it was. */
  readonly end: () => Promise<PodStreamResult>;
}

export interface PodStreamResult {
  readonly created: number;
  /** The API server refused them, or gave no answer. */
  readonly failed: readonly string[];
  /** Names of those that came back without the reference. */
  readonly withoutReference: readonly string[];
  readonly perSecond: number;
  readonly slowestMs: number;
}

export interface PodStreamOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly image: string;
  readonly prefix: string;
  /** Who is to find a node for them. Default: the cluster's own scheduler, if it has one. */
  readonly schedulerName?: string;
  /** How many are begun in a second; fewer where the machine is slower: so many at most are under way. */
  readonly perSecond: number;
  readonly atOnce: number;
}

export function createPods(options: PodStreamOptions): PodStream {
  const { client, namespace, image, prefix } = options;
  const spec = options.schedulerName === undefined ? {} : { schedulerName: options.schedulerName };
  const failed: string[] = [];
  const withoutReference: string[] = [];
  const startedAt = performance.now();
  let begun = 0;
  let created = 0;
  let slowestMs = 0;
  const ending = new AbortController();

  async function create(name: string): Promise<void> {
    const createdAt = performance.now();
    try {
      const pod = (await client.call({
        method: 'POST',
        path: `/api/v1/namespaces/${namespace}/pods`,
        timeoutMs: 60_000,
        body: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name },
          spec: { ...spec, containers: [{ name: 'c', image }] },
        },
      })) as { spec: { imagePullSecrets?: readonly { name: string }[] } };
      created++;
      if (pod.spec.imagePullSecrets?.[0]?.name !== 'pullkeeper') withoutReference.push(name);
    } catch (error) {
      failed.push(error instanceof Error ? error.message : String(error));
    }
    slowestMs = Math.max(slowestMs, performance.now() - createdAt);
  }
  async function work(): Promise<void> {
    while (!ending.signal.aborted) {
      const number = begun++;
      const dueAt = startedAt + (number * 1000) / options.perSecond;
      if (dueAt > performance.now()) await sleep(dueAt - performance.now());
      await create(`${prefix}-${number}`);
    }
  }
  const workers = Array.from({ length: options.atOnce }, work);

  return {
    created: () => created,
    end: async () => {
      ending.abort();
      await Promise.all(workers);
      const perSecond = Math.round((created * 1000) / (performance.now() - startedAt));
      return { created, failed, withoutReference, perSecond, slowestMs: Math.round(slowestMs) };
    },
  };
}
