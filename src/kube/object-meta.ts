import { isRecord } from '../core/json-value.ts';
import { KubeError } from './kube-error.ts';

/** What every Kubernetes object says of itself. */
export interface ObjectMeta {
  /** `namespace/name`, or the name alone. */
  readonly key: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly deleting: boolean;
}

/** Reads `metadata`; a watch bookmark has a resourceVersion and no more. Throws KubeError when there is no metadata. */
export function readObjectMeta(object: unknown): ObjectMeta {
  if (!isRecord(object) || !isRecord(object.metadata)) {
    throw new KubeError(0, 'NotAnObject', 'the API server sent an object without metadata');
  }
  const { name, namespace, uid, resourceVersion, deletionTimestamp } = object.metadata;
  const ownName = typeof name === 'string' ? name : '';
  const ownNamespace = typeof namespace === 'string' ? namespace : undefined;
  return {
    key: ownNamespace === undefined ? ownName : `${ownNamespace}/${ownName}`,
    name: ownName,
    namespace: ownNamespace,
    uid: typeof uid === 'string' ? uid : '',
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    labels: readStringMap(object.metadata.labels),
    annotations: readStringMap(object.metadata.annotations),
    deleting: typeof deletionTimestamp === 'string',
  };
}

export interface ListPage {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  readonly continueToken: string | undefined;
}

export function readListPage(answer: unknown): ListPage {
  if (!isRecord(answer) || !isRecord(answer.metadata) || typeof answer.metadata.resourceVersion !== 'string') {
    throw new KubeError(0, 'NotAList', 'the API server sent an answer that is not a list');
  }
  const token = answer.metadata.continue;
  return {
    items: Array.isArray(answer.items) ? answer.items : [],
    resourceVersion: answer.metadata.resourceVersion,
    continueToken: typeof token === 'string' && token !== '' ? token : undefined,
  };
}

/**
 * Objects that inherit nothing: `labels.constructor` is undefined unless it is a label. Made by a constructor, those of the
 * same labels share one layout; with `Object.create(null)` each would be a hash table of its own, twice as large.
 */
const StringMap = function () {} as unknown as new () => Record<string, string>;
StringMap.prototype = Object.create(null) as object;

function readStringMap(value: unknown): Readonly<Record<string, string>> {
  const result: Record<string, string> = new StringMap();
  if (!isRecord(value)) return result;
  for (const [name, text] of Object.entries(value)) if (typeof text === 'string') result[name] = text;
  return result;
}
