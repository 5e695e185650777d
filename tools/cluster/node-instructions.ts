import { dirname } from 'node:path';
import { pullkeeperImageName } from '../image/cached-image.ts';
import { describeExports } from './shell-exports.ts';
import { kubectlCacheFolder } from './kubectl.ts';
import type { NodeCluster } from './node/start-node.ts';
import type { WayIn } from './node/way-in.ts';

export const PASSWORD = 's3cret';
export const PULLER = 'puller';
/** Harbor's robots have names like this. */
export const ROBOT = 'robot$team+puller';

export interface NodeUse {
  readonly wayIn: WayIn;
  /** Path of helm. */
  readonly helm: string;
  /** Whether Pullkeeper is yet to be installed. */
  readonly bare: boolean;
}

/** How to use a node from another terminal; every line with a command can be pasted as it stands. */
export async function describeNode(node: NodeCluster, { wayIn, helm, bare }: NodeUse): Promise<string> {
  const { cluster, registry, harbor, images, programs } = node;
  const example = await images.make(`${registry.name}/team/mine:v1`);
  const exports = describeExports({
    KUBECONFIG: wayIn.kubeconfig,
    KUBECACHEDIR: kubectlCacheFolder(cluster.folder),
    DOCKER_CONFIG: wayIn.pushLogin,
    PATH: `${[cluster.kubectlFile, programs.crane, helm].map((file) => dirname(file)).join(':')}:$PATH`,
  });
  const pullkeeper = bare
    ? `Pullkeeper is not installed. Its image is on the node, as ${await pullkeeperImageName()}:

  helm install pullkeeper manifests/chart -n pullkeeper-system --create-namespace --wait`
    : 'Pullkeeper is installed, by helm, in the namespace pullkeeper-system.';
  return `${exports}
  kubectl get pods -A

${pullkeeper}
Two private registries hold an image each, which nobody pulls without a password:

  ${registry.name}/team/app:v1   for ${PULLER}, password ${PASSWORD}
  ${harbor.name}/team/app:v1     for ${ROBOT}, password ${PASSWORD}; with tokens, as Harbor

Its credential stored once, and a Pod that says nothing of it:

  kubectl create secret docker-registry mine -n pullkeeper-system --docker-server=${registry.name} --docker-username=${PULLER} --docker-password=${PASSWORD}
  kubectl annotate secret mine -n pullkeeper-system pullkeeper.dev/namespaces=try
  kubectl create namespace try
  kubectl label namespace try pullkeeper.dev/inject=enabled
  kubectl wait secret/pullkeeper -n try --for=create --timeout=30s
  kubectl run app -n try --image=${registry.name}/team/app:v1
  kubectl wait pod/app -n try --for=condition=Ready --timeout=60s

An image of your own, an archive as docker save writes it, into the first registry (docker, podman and skopeo can push there
as well, with plain http):

  crane push ${example} 127.0.0.1:${wayIn.registryPort}/team/mine:v1
  kubectl run mine -n try --image=${registry.name}/team/mine:v1
`;
}
