import { dirname } from 'node:path';
import type { Cluster } from './cluster.ts';
import { kubectlCacheFolder } from './kubectl.ts';
import { describeExports } from './shell-exports.ts';
import { startCluster } from './start-cluster.ts';

/** What `npm run cluster` keeps until it is interrupted, and how to use it from another terminal. */
export interface KeptCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  /** Where other terminals reach the API server. */
  readonly server: string;
  readonly instructions: string;
}

export interface KeepOptions {
  readonly apiServerFlags: readonly string[];
  readonly signal: AbortSignal;
}

/** A control plane without a node. */
export async function keepControlPlane({ apiServerFlags, signal }: KeepOptions): Promise<KeptCluster> {
  const cluster = await startCluster({ apiServerFlags, signal });
  const exports = describeExports({
    KUBECONFIG: cluster.kubeconfig,
    KUBECACHEDIR: kubectlCacheFolder(cluster.folder),
    PATH: `${dirname(cluster.kubectlFile)}:$PATH`,
  });
  return {
    cluster,
    server: cluster.server,
    instructions: `${exports}\n  kubectl get namespaces\n`,
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
}
