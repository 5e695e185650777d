import { isRecord } from '../json-value.ts';

/** The controller that a Pod belongs to (a ReplicaSet, a Job, …): where its people look when there is no Pod to look at. */
export interface ControllerOwner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** Read without trust: undefined for whatever is not shaped like an owner reference of a controller. */
export function readControllerOwner(pod: unknown): ControllerOwner | undefined {
  const metadata = isRecord(pod) ? pod.metadata : undefined;
  const owners = isRecord(metadata) ? metadata.ownerReferences : undefined;
  if (!Array.isArray(owners)) return undefined;
  for (const owner of owners) {
    if (!isRecord(owner) || owner.controller !== true) continue;
    const { apiVersion, kind, name, uid } = owner;
    if (!isText(apiVersion) || !isText(kind) || !isText(name) || !isText(uid)) return undefined;
    return { apiVersion, kind, name, uid };
  }
  return undefined;
}

/** Names, kinds and uids of Kubernetes have no more than 253 characters. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 253;
}
