import { CHART } from '../chart/render.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Helm } from './helm-command.ts';
import { NAMESPACE } from './installation.ts';

const RESTRICTED = 'pod-security.kubernetes.io/enforce=restricted';

/** What comes after `helm install` or `helm upgrade`. */
export const RELEASE: readonly string[] = ['pullkeeper', CHART, '--namespace', NAMESPACE];

/** Installs Pullkeeper from its chart, with an image that the node has; once helm is done, the API server calls its webhooks. */
export async function installOnNode(cluster: Cluster, helm: Helm): Promise<void> {
  await helm('install', ...RELEASE, '--create-namespace', '--wait', '--timeout=90s');
  // As docs/install.md says: what is started later has to keep to it.
  const { code, stderr } = await cluster.kubectl(['label', 'namespace', NAMESPACE, RESTRICTED]);
  if (code !== 0) throw new Error(stderr);
}
