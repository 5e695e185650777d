import { helmProgram } from '../chart/helm.ts';
import { CHART } from '../chart/render.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { runInside } from '../cluster/enclosure.ts';
import { ensurePrograms, type EnsureOptions } from '../programs/ensure-programs.ts';
import { NAMESPACE, untilCalled } from './installation.ts';

/** Runs helm as the cluster's admin and returns what it printed. Rejects when it fails. */
export type Helm = (...args: readonly string[]) => Promise<string>;

/** The path of helm, which is built where it is not there. */
export async function ensureHelm(options: EnsureOptions = {}): Promise<string> {
  return (await ensurePrograms(helmProgram(), options)).helm;
}

/** A helm that reads no settings of the user and leaves no file outside of the cluster's folder. */
export function createHelm(cluster: Cluster, file: string): Helm {
  const env = { PATH: process.env['PATH'], HOME: cluster.folder, KUBECONFIG: cluster.kubeconfig };
  return (...args) => runInside(cluster.entrance, file, args, env);
}

const RESTRICTED = 'pod-security.kubernetes.io/enforce=restricted';

/** What comes after `helm install` or `helm upgrade`. */
export const RELEASE: readonly string[] = ['pullkeeper', CHART, '--namespace', NAMESPACE];

/**
 * Installs Pullkeeper from its chart, with an image that the node has, and resolves when the API server calls its
 * webhooks.
 */
export async function installOnNode(cluster: Cluster, helm: Helm): Promise<void> {
  await helm('install', ...RELEASE, '--create-namespace', '--wait', '--timeout=90s');
  // As docs/install.md says: what is started later has to keep to it.
  const { code, stderr } = await cluster.kubectl(['label', 'namespace', NAMESPACE, RESTRICTED]);
  if (code !== 0) throw new Error(stderr);
  await untilCalled(cluster);
}
