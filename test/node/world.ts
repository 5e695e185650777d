import { expect, inject, vi } from 'vitest';
import { KubeConfig } from '@kubernetes/client-node';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { startNode, type NodeCluster } from '../../tools/cluster/node/start-node.ts';
import { openWayIn } from '../../tools/cluster/node/way-in.ts';
import { ensureHelm } from '../../tools/chart/helm.ts';
import { createHelm, type Helm } from '../../tools/installation/helm-command.ts';
import { installOnNode } from '../../tools/installation/node-installation.ts';
import { createAdmin, type Admin } from '../cluster/admin.ts';

/** The node that all tests of this project share, with Pullkeeper installed, and what an administrator does with it. */
export interface World extends AsyncDisposable {
  readonly node: NodeCluster;
  readonly admin: Admin;
  readonly helm: Helm;
  /** For calls that kubectl is too slow for. */
  readonly client: KubeClient;
  /** Pushes a new image to a registry and returns the name to pull it by. */
  readonly publish: (to: 'registry' | 'harbor', image: string) => Promise<string>;
  /** Creates a Pod from its spec, as YAML's flow style, with annotations if any. */
  readonly createPod: (namespace: string, name: string, spec: string, annotations?: string) => Promise<void>;
  readonly expectRunning: (namespace: string, pod: string) => Promise<void>;
  /** Waits for a container of the Pod that waits for an image it may not pull. */
  readonly expectPullRefused: (namespace: string, pod: string) => Promise<void>;
}

/** The accounts that pull. Harbor names robots like this; a shell that reads it unquoted takes half of it away. */
export const ACCOUNTS = { registry: 'puller', harbor: 'robot$team+puller' } as const;
export const PASSWORD = 's3cret';

/** From a Pod's creation to its last container running, on a machine that does much else. */
const RUNNING_WITHIN_MS = 40_000;

export async function startWorld(): Promise<World> {
  const node = await startNode();
  try {
    const { cluster, registry, harbor, images } = node;
    const admin = createAdmin(cluster);
    await Promise.all([
      registry.setAccounts({ [ACCOUNTS.registry]: PASSWORD }),
      harbor.setAccounts({ [ACCOUNTS.harbor]: PASSWORD }),
      images.load(inject('pullkeeperImage')),
    ]);
    const helm = createHelm(cluster, await ensureHelm());
    const wayIn = await openWayIn(node);
    const config = new KubeConfig();
    config.loadFromFile(wayIn.kubeconfig);
    const client = await createKubeClient(config, { userAgent: 'test' });
    await installOnNode(cluster, helm);

    const podStatus = (namespace: string, pod: string, path: string): Promise<string> =>
      admin.run('get', 'pod', pod, '-n', namespace, '-o', `jsonpath=${path}`);
    return {
      node,
      admin,
      helm,
      client,
      publish: async (to, image) => {
        const target = node[to];
        await target.push(await images.make(`${target.name}/${image}`), image);
        return `${target.name}/${image}`;
      },
      createPod: async (namespace, name, spec, annotations = '') => {
        await admin.apply(
          `{apiVersion: v1, kind: Pod, metadata: {namespace: ${namespace}, name: ${name}, annotations: {${annotations}}}, spec: {${spec}}}`,
        );
      },
      expectRunning: (namespace, pod) =>
        vi.waitFor(
          async () => {
            const ready = '{.status.phase} {.status.conditions[?(@.type=="Ready")].status}';
            expect(await podStatus(namespace, pod, ready)).toBe('Running True');
          },
          { timeout: RUNNING_WITHIN_MS, interval: 200 },
        ),
      expectPullRefused: (namespace, pod) =>
        vi.waitFor(
          async () => {
            const reasons = '{.status.containerStatuses[*].state.waiting.reason}';
            expect(await podStatus(namespace, pod, reasons)).toMatch(/^(ErrImagePull|ImagePullBackOff)$/);
          },
          { timeout: RUNNING_WITHIN_MS, interval: 200 },
        ),
      [Symbol.asyncDispose]: async () => {
        await client.close();
        await wayIn[Symbol.asyncDispose]();
        await cluster.stop();
      },
    };
  } catch (error) {
    await node.cluster.stop();
    throw error;
  }
}
