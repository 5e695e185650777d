import type { KubeClient } from '../../src/kube/client.ts';

/** The `imagePullSecrets` with which the API server would create a Pod in the namespace tom; nothing is stored. */
export async function createDryRunPod(client: Pick<KubeClient, 'call'>, name: string, image: string): Promise<unknown> {
  const answer = await client.call({
    method: 'POST',
    path: '/api/v1/namespaces/tom/pods',
    query: { dryRun: 'All' },
    body: { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image }] } },
  });
  return (answer as { spec: { imagePullSecrets?: unknown } }).spec.imagePullSecrets;
}
