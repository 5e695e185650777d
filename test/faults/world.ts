import { join } from 'node:path';
import { inject } from 'vitest';
import type { KubeClient } from '../../src/kube/client.ts';
import type { Cluster } from '../../tools/cluster/cluster.ts';
import { startCluster } from '../../tools/cluster/start-cluster.ts';
import {
  installPullkeeper,
  NAMESPACE,
  type Installation,
  type InstallOptions,
} from '../../tools/installation/installation.ts';
import { openClient } from '../cluster/open-client.ts';
import { startApiProxy, type ApiProxy } from './api-proxy.ts';
import { createTruth, type Truth } from './truth.ts';

/** A control plane, the product installed on it, and what a test knows of what should be there. */
export interface World {
  readonly cluster: Cluster;
  readonly product: Installation;
  /** The API server, directly, as the cluster's admin. */
  readonly api: KubeClient;
  /** Between the product and the API server. */
  readonly proxy: ApiProxy;
  readonly truth: Truth;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly install?: InstallOptions;
  /** The replicas talk to the API server itself. */
  readonly isDirect?: boolean;
  readonly cluster?: Parameters<typeof startCluster>[0];
}

/** What the kubeconfig's token is for must be there before the product starts; the manifests hold it as well. */
const ACCOUNT = [
  { path: '/api/v1/namespaces', body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } } },
  {
    path: `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`,
    body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'pullkeeper' } },
  },
];

/** With this, replicas collect their garbage when they are told to. */
const PRELOAD = join(import.meta.dirname, 'garbage-collection-program.ts');

/** Starts it all; every replica talks to the API server through the proxy, unless told otherwise. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const cluster = await startCluster(options.cluster ?? {});
  try {
    const api = await openClient(cluster.kubeconfig, 'fault-test');
    for (const { path, body } of ACCOUNT) await api.call({ method: 'POST', path, body });
    const proxy = await startApiProxy(cluster);
    const way = options.isDirect === true ? cluster : proxy;
    const kubeconfig = await way.kubeconfigFor('pullkeeper', NAMESPACE);
    const entry = inject('entry');
    const product = await installPullkeeper(cluster, { entry, preload: PRELOAD, kubeconfig, ...options.install });
    return {
      cluster,
      product,
      api,
      proxy,
      truth: createTruth(api),
      stop: async () => {
        await api.close();
        await proxy.close();
        await cluster.stop();
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
