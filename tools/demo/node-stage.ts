import { dirname, join } from 'node:path';
import { kubectlCacheFolder } from '../cluster/kubectl.ts';
import { findNodeProblem } from '../cluster/node/requirements.ts';
import { startNode, type NodeCluster } from '../cluster/node/start-node.ts';
import { openWayIn } from '../cluster/node/way-in.ts';
import { ensurePullkeeperImage, missingForImage } from '../image/cached-image.ts';
import { ensureHelm } from '../chart/helm.ts';
import { ProgramsError } from '../programs/program-set.ts';
import { AUDIT_FLAGS } from './audit-log.ts';
import { createNodeStory } from './node-story.ts';
import { productInPods } from './product.ts';
import type { Stage, StageOptions } from './stage.ts';
import { ACCOUNTS, PUBLIC_IMAGE, REPOSITORIES } from './steps/node-names.ts';
import { IMAGE, NEW_PASSWORD, OLD_PASSWORD } from './steps/names.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A node with two private registries, and Pullkeeper on it, from its own image. */
export async function setNodeStage({ say, env, signal }: StageOptions): Promise<Stage> {
  const problem = await findNodeProblem(env, await missingForImage(env));
  if (problem !== undefined) throw new ProgramsError(problem);
  say('Pullkeeper on a real Kubernetes node, on this machine: kubelet, containerd and two private registries.\n');
  say('Building its image and the programs of the cluster, unless they are there from before, and starting them.');
  const archive = await ensurePullkeeperImage(env, signal);
  const helm = await ensureHelm({ env, signal });
  const node = await startNode({ env, signal, apiServerFlags: AUDIT_FLAGS });
  const { cluster } = node;
  try {
    const wayIn = await openWayIn(node);
    return {
      cluster,
      settings: {
        KUBECONFIG: wayIn.kubeconfig,
        KUBECACHEDIR: kubectlCacheFolder(cluster.folder),
        DOCKER_CONFIG: wayIn.pushLogin,
        PATH: [cluster.kubectlFile, node.programs.crane, helm].map((file) => dirname(file)).join(':'),
      },
      workingFolder: ROOT,
      prepare: async () => {
        say(`Ready at ${wayIn.server}. Filling the registries.`);
        await Promise.all([fillRegistries(node), node.images.load(archive)]);
        return {
          product: productInPods(cluster),
          story: createNodeStory(node),
          whatToTry: describeWhatToTry(wayIn.registryPort),
        };
      },
      [Symbol.asyncDispose]: async () => {
        await wayIn[Symbol.asyncDispose]();
        await cluster.stop();
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function fillRegistries({ harbor, registry, images }: NodeCluster): Promise<void> {
  await Promise.all([
    harbor.setAccounts({ [ACCOUNTS.harbor]: OLD_PASSWORD }),
    registry.setAccounts({ [ACCOUNTS.registry]: NEW_PASSWORD }),
    ...REPOSITORIES.harbor.map(async (image) => harbor.push(await images.make(`${harbor.name}/${image}`), image)),
    ...REPOSITORIES.registry.map(async (image) => registry.push(await images.make(`${registry.name}/${image}`), image)),
    // What stands for a public one: there is no way out to Docker Hub.
    images.load(await images.make(PUBLIC_IMAGE)),
  ]);
}

function describeWhatToTry(registryPort: number): string {
  return `\
  kubectl get pods -A
  kubectl delete secret pullkeeper -n shop     # it comes back
  kubectl get events -n shop                   # and here it says so
  kubectl annotate secret harbor -n pullkeeper-system --overwrite pullkeeper.dev/namespaces='*'
  kubectl run web2 -n blog --image=${IMAGE}    # which now runs
  kubectl logs -n pullkeeper-system -l app.kubernetes.io/name=pullkeeper --follow

The registry registry.example.com is at 127.0.0.1:${registryPort}. An image of your own, as docker save writes it:

  crane push FILE.tar 127.0.0.1:${registryPort}/shop/mine:1.0
  kubectl run mine -n shop --image=registry.example.com/shop/mine:1.0
`;
}
