/** What is to be explained. */
export type Target =
  | { readonly kind: 'image'; readonly image: string }
  | { readonly kind: 'object'; readonly object: ObjectKind; readonly name: string }
  /** `-` is standard input. */
  | { readonly kind: 'file'; readonly path: string };

/** A kind of object that is a Pod or makes Pods, and where the API server has it. */
export interface ObjectKind {
  readonly kind: string;
  readonly apiVersion: string;
  /** As kubectl knows it, the usual one first. */
  readonly names: readonly string[];
  readonly plural: string;
}

const OBJECT_KINDS: readonly ObjectKind[] = [
  { kind: 'Pod', apiVersion: 'v1', plural: 'pods', names: ['pod', 'pods', 'po'] },
  { kind: 'Deployment', apiVersion: 'apps/v1', plural: 'deployments', names: ['deployment', 'deployments', 'deploy'] },
  {
    kind: 'StatefulSet',
    apiVersion: 'apps/v1',
    plural: 'statefulsets',
    names: ['statefulset', 'statefulsets', 'sts'],
  },
  { kind: 'DaemonSet', apiVersion: 'apps/v1', plural: 'daemonsets', names: ['daemonset', 'daemonsets', 'ds'] },
  { kind: 'ReplicaSet', apiVersion: 'apps/v1', plural: 'replicasets', names: ['replicaset', 'replicasets', 'rs'] },
  { kind: 'Job', apiVersion: 'batch/v1', plural: 'jobs', names: ['job', 'jobs'] },
  { kind: 'CronJob', apiVersion: 'batch/v1', plural: 'cronjobs', names: ['cronjob', 'cronjobs', 'cj'] },
];

/**
 * Reads a word of the command line. `pod/web` is the Pod, never Docker Hub's image of that name, which can be written
 * `docker.io/pod/web`.
 */
export function readTarget(word: string): Target {
  const slash = word.indexOf('/');
  const before = word.slice(0, Math.max(slash, 0));
  const name = word.slice(slash + 1);
  const object = OBJECT_KINDS.find(({ names }) => names.includes(before));
  const isName = /^[a-z0-9][a-z0-9.-]*$/.test(name);
  return object !== undefined && isName ? { kind: 'object', object, name } : { kind: 'image', image: word };
}

/** The kind of a controller above a Pod, where it is one that may have a controller above it in turn. */
export function findObjectKind(apiVersion: string, kind: string): ObjectKind | undefined {
  return OBJECT_KINDS.find((object) => object.kind === kind && object.apiVersion === apiVersion);
}
