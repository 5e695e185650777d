import { dirname } from 'node:path';
import { kubectlCacheFolder } from '../cluster/kubectl.ts';
import { startCluster } from '../cluster/start-cluster.ts';
import { installPullkeeper } from '../installation/installation.ts';
import { formatDuration } from '../programs/progress.ts';
import { AUDIT_FLAGS } from './audit-log.ts';
import { productAsProcess } from './product.ts';
import type { Stage, StageOptions } from './stage.ts';
import { STORY } from './story.ts';
import { describeWhatToTry } from './what-to-try.ts';

/** A control plane, and Pullkeeper as a process of this machine. */
export async function setControlPlaneStage({ say, env, signal, serveFlags }: StageOptions): Promise<Stage> {
  say('Pullkeeper on a real Kubernetes API server, on this machine. There is no node: Pods are made, not run.\n');
  say('Starting etcd, kube-apiserver and kube-controller-manager; the first time, they are built.');
  const cluster = await startCluster({ env, signal, apiServerFlags: AUDIT_FLAGS });
  return {
    cluster,
    settings: {
      KUBECONFIG: cluster.kubeconfig,
      KUBECACHEDIR: kubectlCacheFolder(cluster.folder),
      PATH: dirname(cluster.kubectlFile),
    },
    workingFolder: cluster.folder,
    prepare: async () => {
      say(`Ready at ${cluster.server}. Installing Pullkeeper.`);
      const installedAt = performance.now();
      const installation = await installPullkeeper(cluster, { flags: serveFlags });
      say(`Ready ${formatDuration(performance.now() - installedAt)} later.`);
      return {
        product: productAsProcess(cluster, installation),
        story: STORY,
        whatToTry: describeWhatToTry(installation),
      };
    },
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
}
