import type { Cluster } from '../cluster/cluster.ts';
import { runInside } from '../cluster/enclosure.ts';

/** Runs helm as the cluster's admin and returns what it printed. Rejects when it fails. */
export type Helm = (...args: readonly string[]) => Promise<string>;

/** A helm that reads no settings of the user and leaves no file outside of the cluster's folder. */
export function createHelm(cluster: Cluster, file: string): Helm {
  const env = { PATH: process.env['PATH'], HOME: cluster.folder, KUBECONFIG: cluster.kubeconfig };
  return (...args) => runInside(cluster.entrance, file, args, env);
}
