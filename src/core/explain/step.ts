// What helps: one constructor a step, with the command to type where there is one.

import { displayText } from '../sources/display.ts';
import type { Finding } from './finding.ts';
import type { ExistingPod } from './facts.ts';

export type StepCode =
  | 'correct-image'
  | 'mend-secret'
  | 'enable-namespace'
  | 'restart'
  | 'recreate-pod'
  | 'free-name'
  | 'opt-in'
  | 'list-in-account'
  | 'add-source'
  | 'mend-source'
  | 'widen-scope'
  | 'check-pullkeeper'
  | 'ask-registry'
  | 'ask-administrator';

export interface Step extends Finding<StepCode> {
  readonly command?: string;
}

export const step = {
  correctImage: (image: string): Step => ({
    code: 'correct-image',
    sentence: `correct the name of image ${displayText(image)}`,
  }),
  mendSecret: (secret: string): Step => ({
    code: 'mend-secret',
    sentence: `make Secret ${displayText(secret)} anew (kubectl create secret docker-registry), or take it out of the Pod's list`,
  }),
  enableNamespace: (namespace: string, source: string | undefined): Step => ({
    code: 'enable-namespace',
    sentence: `enable the namespace${source === undefined ? '' : `: source ${source} has a credential for it`}`,
    command: `kubectl label namespace ${namespace} pullkeeper.dev/inject=enabled`,
  }),
  freeName: (namespace: string, secret: string): Step => ({
    code: 'free-name',
    sentence: `Secret ${secret} is somebody else's: keep a copy under another name, and delete it, so that Pullkeeper can write its own`,
    command: `kubectl delete secret ${secret} -n ${namespace}`,
  }),
  optIn: (): Step => ({
    code: 'opt-in',
    sentence: 'take the annotation pullkeeper.dev/inject=disabled off the Pod, or off the template it is made from',
  }),
  listInAccount: (namespace: string, account: string, secret: string): Step => ({
    code: 'list-in-account',
    sentence: `ServiceAccount ${account} lets its Pods use only the Secrets it lists: add ${secret} to its imagePullSecrets`,
    command: `kubectl edit serviceaccount ${account} -n ${namespace}`,
  }),
  addSource: (ownNamespace: string, namespace: string, registry: string): Step => ({
    code: 'add-source',
    sentence: `unless ${registry} gives the image to anybody, its credential is missing: an administrator stores it once, and then annotates it with pullkeeper.dev/namespaces=${namespace}`,
    command: `kubectl create secret docker-registry NAME -n ${ownNamespace} --docker-server=${registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry} --docker-username=USER --docker-password=PASSWORD`,
  }),
  mendEntry: (source: string, key: string, image: string): Step => ({
    code: 'mend-source',
    sentence: `if ${key} of source ${source} is meant for ${displayText(image)}, an administrator corrects it there`,
  }),
  mendSource: (source: string): Step => ({
    code: 'mend-source',
    sentence: `if source ${source} is meant for it, an administrator mends it: nothing that it holds counts`,
  }),
  widenScope: (source: string, namespace: string): Step => ({
    code: 'widen-scope',
    sentence: `if namespace ${namespace} may use source ${source}, an administrator widens its scope`,
  }),
  checkPullkeeper: (ownNamespace: string, why: string): Step => ({
    code: 'check-pullkeeper',
    sentence: `${why}: look whether Pullkeeper is running`,
    command: `kubectl get pods -n ${ownNamespace}`,
  }),
  askRegistry: (namespace: string, pod: string): Step => ({
    code: 'ask-registry',
    sentence:
      'where the kubelet has a credential and the pull fails, the registry refuses it or has no such image: the Events of the Pod say which',
    command: `kubectl describe pod ${pod} -n ${namespace}`,
  }),
  askAdministrator: (namespace: string): Step => ({
    code: 'ask-administrator',
    sentence: `what Pullkeeper has for namespace ${namespace} could not be read: ask somebody who can`,
  }),
};

/** Workloads that `kubectl rollout restart` knows. */
const RESTARTABLE: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/**
 * The restart that gives a Pod its reference, for a list of pull Secrets cannot change after creation.
 *
 * | controllers above the Pod, nearest first | step                                  |
 * |------------------------------------------|---------------------------------------|
 * | none                                     | delete it and create it again         |
 * | …, Deployment, StatefulSet or DaemonSet  | rollout restart of that               |
 * | any other, or not all known              | delete the Pod: the nearest makes another |
 */
export function restart(namespace: string, pod: ExistingPod, why: string): Step {
  const { owners } = pod;
  const [nearest] = owners;
  if (nearest === undefined) {
    return {
      code: 'recreate-pod',
      sentence: `${why}, and its list of pull Secrets cannot change: nothing makes this Pod again, so delete it and create it again from its manifest`,
      command: `kubectl delete pod ${pod.name} -n ${namespace}`,
    };
  }
  const workload = owners.find(({ kind }) => RESTARTABLE.has(kind));
  if (workload !== undefined) {
    return {
      code: 'restart',
      sentence: `${why}, and its list of pull Secrets cannot change: let ${workload.kind} ${workload.name} make its Pods again`,
      command: `kubectl rollout restart ${workload.kind.toLowerCase()}/${workload.name} -n ${namespace}`,
    };
  }
  return {
    code: 'restart',
    sentence: `${why}, and its list of pull Secrets cannot change: delete it, and ${nearest.kind} ${nearest.name} makes another`,
    command: `kubectl delete pod ${pod.name} -n ${namespace}`,
  };
}
