import type { Cluster } from '../cluster/cluster.ts';
import { NAMESPACE, untilCalled } from './installation.ts';
import { INSTALL_YAML } from './manifests.ts';

const DEPLOYMENT = ['deployment/pullkeeper', '-n', NAMESPACE] as const;

/**
 * Installs Pullkeeper as the cluster's admin, from an image that the node has, and resolves when the API server calls its
 * webhooks.
 */
export async function installOnNode(cluster: Pick<Cluster, 'kubectl'>): Promise<void> {
  await run(cluster, 'apply', '-f', INSTALL_YAML);
  await run(cluster, 'rollout', 'status', ...DEPLOYMENT, '--timeout=60s');
  await untilCalled(cluster);
}

async function run({ kubectl }: Pick<Cluster, 'kubectl'>, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await kubectl(args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
}
