import { KubeConfig } from '@kubernetes/client-node';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';

/** The API server as a kubeconfig's user, over connections that are kept until it is closed. */
export async function openClient(kubeconfig: string, userAgent = 'test'): Promise<KubeClient> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return createKubeClient(config, { userAgent });
}
