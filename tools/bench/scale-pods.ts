import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from './scale-world.ts';

export interface Pods {
  /** Pods a second that were admitted, and which share of them (0 to 1) came back with the reference. */
  stop(): Promise<{ readonly rate: number; readonly injected: number }>;
}

interface PodAnswer {
  readonly spec: { readonly imagePullSecrets?: readonly unknown[] };
}

/** A private image of the source `everywhere`. */
const IMAGE = 'everywhere.registry.example.com/team/app:1';

/** Has Pods created at a steady rate in an enabled namespace that has its ServiceAccount, until it is stopped. */
export async function startPods({ api, cluster }: World, namespace: string, perSecond: number): Promise<Pods> {
  await untilAccount();
  const under = new Set<Promise<void>>();
  const start = performance.now();
  let made = 0;
  let admitted = 0;
  let injected = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - start) / 1000) * perSecond;
    // What a busy machine could not start in time is left out, not made up for in a burst.
    for (let left = Math.min(due - made, 3); left >= 1; left--) create();
    made = Math.max(made, Math.floor(due) - 3);
  }, 5);

  function create(): void {
    made++;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { generateName: 'pod-', namespace },
      spec: { containers: [{ name: 'app', image: IMAGE }] },
    };
    const call = api.send('POST', `/api/v1/namespaces/${namespace}/pods`, pod).then((answer) => {
      admitted++;
      if ((answer as PodAnswer).spec.imagePullSecrets?.length === 1) injected++;
      under.delete(call);
    });
    under.add(call);
  }

  async function untilAccount(): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      const { code } = await cluster.kubectl(['get', 'serviceaccount', 'default', '-n', namespace]);
      if (code === 0) return;
      await sleep(50);
    }
    throw new Error(`namespace ${namespace} gets no ServiceAccount`);
  }

  return {
    stop: async () => {
      clearInterval(timer);
      const seconds = (performance.now() - start) / 1000;
      const rate = admitted / seconds;
      await Promise.all(under);
      return { rate, injected: injected / admitted };
    },
  };
}
