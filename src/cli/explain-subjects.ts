import type { ExistingPod, Owner, SubjectFacts } from '../core/explain/facts.ts';
import { readCreationTime } from '../core/explain/object-facts.ts';
import { readPodImages } from '../core/explain/pod-images.ts';
import { isRecord } from '../core/json-value.ts';
import { listResources, podOf } from '../core/manifest/resource.ts';
import { readControllerOwner } from '../core/pod/controller-owner.ts';
import { readPod } from '../core/pod/pod-view.ts';
import { findObjectKind, type ObjectKind } from './explain-target.ts';
import type { World } from './explain-world.ts';

/** A Pod to explain, or why there is none: one sentence. */
export type SubjectResult =
  | { readonly kind: 'subject'; readonly subject: SubjectFacts }
  | { readonly kind: 'problem'; readonly sentence: string };

/** A Pod that does not exist, with these images and nothing else in it. */
export function collectImages(world: World, images: readonly string[]): Promise<SubjectResult> {
  const containers = images.map((image) => ({ image }));
  const title = `a new Pod of ${images.length === 1 ? 'this image' : 'these images'}`;
  return collectPod(world, { title, namespace: world.namespace, pod: { spec: { containers } }, existing: undefined });
}

/** A Pod of the cluster, or the Pods that a workload of the cluster makes. */
export async function collectObject(world: World, kind: ObjectKind, name: string): Promise<SubjectResult> {
  const { namespace } = world;
  const label = `${kind.names[0] ?? kind.kind}/${name}`;
  const found = await world.object(kind, namespace, name);
  if (found.kind === 'missing') return problem(`there is no ${label} in namespace ${namespace}`);
  if (found.kind !== 'found') {
    const reason = world.unread().find(({ what }) => what === `${kind.kind} ${namespace}/${name}`)?.sentence;
    return problem(`${label}: ${reason ?? world.failure() ?? 'it could not be read'}`);
  }
  const object = found.value;
  if (kind.kind === 'Pod') {
    const existing: ExistingPod = {
      name,
      createdAt: readCreationTime(object),
      owners: await followOwners(world, namespace, object),
    };
    return collectPod(world, { title: label, namespace, pod: object, existing });
  }
  const [resource] = listResources(object);
  const pod = resource === undefined ? undefined : podOf(object, resource);
  return collectPod(world, { title: label, namespace, pod, existing: undefined });
}

/** Every Pod and Pod template of a document of a manifest. */
export function collectDocument(world: World, document: unknown): Promise<readonly SubjectResult[]> {
  const resources = listResources(document).filter(({ podPath }) => podPath !== undefined);
  return Promise.all(
    resources.map((resource) =>
      collectPod(world, {
        title: resource.label,
        namespace: resource.namespace ?? world.namespace,
        pod: podOf(document, resource),
        existing: undefined,
      }),
    ),
  );
}

interface PodRequest {
  readonly title: string;
  readonly namespace: string;
  /** Its `metadata`, `spec` and `status`. */
  readonly pod: unknown;
  readonly existing: ExistingPod | undefined;
}

async function collectPod(world: World, { title, namespace, pod, existing }: PodRequest): Promise<SubjectResult> {
  const reading = readPod(pod);
  if (reading.kind === 'malformed') return problem(`${title} is not shaped like a Pod: it has no sound spec`);
  const facts = await world.namespaceFacts(namespace);
  const account = await world.account(namespace, reading.pod.serviceAccountName);
  const names = [...reading.pod.pullSecretNames, ...(account.kind === 'found' ? account.value.pullSecretNames : [])];
  const pullSecrets = await Promise.all(
    [...new Set(names)]
      .filter((name) => name !== '')
      .map(async (name) => [name, await world.pullSecret(namespace, name)] as const),
  );
  return {
    kind: 'subject',
    subject: {
      title,
      namespace: facts,
      pod: reading.pod,
      images: readPodImages(pod),
      account,
      pullSecrets: new Map(pullSecrets),
      existing,
    },
  };
}

/** Further up than Pod, ReplicaSet, Deployment, or Pod, Job, CronJob, nothing helps. */
const MOST_OWNERS = 3;

async function followOwners(world: World, namespace: string, pod: unknown): Promise<readonly Owner[]> {
  const owners: Owner[] = [];
  let object = pod;
  while (owners.length < MOST_OWNERS) {
    const owner = readControllerOwner(object);
    if (owner === undefined) return owners;
    owners.push({ kind: owner.kind, name: owner.name });
    const kind = findObjectKind(owner.apiVersion, owner.kind);
    // A Deployment's or a StatefulSet's own controller is not the one to restart.
    if (kind === undefined || !['ReplicaSet', 'Job'].includes(kind.kind)) return owners;
    const found = await world.object(kind, namespace, owner.name);
    if (found.kind !== 'found' || !isRecord(found.value)) return owners;
    object = found.value;
  }
  return owners;
}

function problem(sentence: string): SubjectResult {
  return { kind: 'problem', sentence };
}
