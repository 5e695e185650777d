import { applyPatch, type Operation } from 'fast-json-patch';
import { decide } from '../../src/core/pod/decision.ts';
import { addPullSecret } from '../../src/core/pod/patch.ts';
import { readPod } from '../../src/core/pod/pod-view.ts';

export interface Webhook {
  readonly secretName: string;
  readonly find: (imageName: string) => readonly { readonly source: string }[];
  /** Names of ServiceAccounts that enforce mountable Secrets and do not list ours. */
  readonly strictAccounts?: readonly string[];
}

/**
 * What a document would mean if the webhook had answered for each Pod in it: its own reading, decision and patch, and
 * fast-json-patch to apply it. Where Pods stand is written here once more, from the list of kinds.
 */
export function answerDocument(document: unknown, webhook: Webhook): unknown {
  // What an alias shares is two things to the API server.
  const answered: unknown = structuredClone(document === undefined ? null : JSON.parse(JSON.stringify(document)));
  for (const pod of listPods(answered, '', '')) answerPod(pod, webhook);
  return answered;
}

type JsonObject = Record<string, unknown>;

function answerPod(pod: JsonObject, { secretName, find, strictAccounts = [] }: Webhook): void {
  const reading = readPod(pod);
  if (reading.kind === 'malformed') return;
  const decision = decide({
    pod: reading.pod,
    secretName,
    namespaceAlways: false,
    strictServiceAccount: strictAccounts.includes(reading.pod.serviceAccountName),
    find,
  });
  if (decision.action === 'skip') return;
  const patch: readonly Operation[] = addPullSecret(reading.pod, secretName);
  applyPatch(pod, structuredClone(patch), true, true);
}

function listPods(value: unknown, listVersion: string, itemKind: string): readonly JsonObject[] {
  if (!isObject(value)) return [];
  const apiVersion = asText(value.apiVersion) || listVersion;
  const kind = asText(value.kind) || itemKind;
  if (apiVersion === '') return [];
  if (Array.isArray(value.items) && kind.endsWith('List')) {
    const inner = kind.replace(/List$/, '');
    return value.items.flatMap((item) => listPods(item, inner === '' ? '' : apiVersion, inner));
  }
  const pod = podOf(value, `${apiVersion.replace(/\/?[^/]*$/, '')} ${kind}`);
  return isObject(pod) && isObject(pod.spec) ? [pod] : [];
}

function podOf(object: JsonObject, type: string): unknown {
  switch (type) {
    case ' Pod':
      return object;
    case ' PodTemplate':
      return object.template;
    case 'batch CronJob':
      return inside(object, 'spec', 'jobTemplate', 'spec', 'template');
    case ' ReplicationController':
    case 'batch Job':
    case 'apps Deployment':
    case 'apps StatefulSet':
    case 'apps DaemonSet':
    case 'apps ReplicaSet':
    case 'extensions Deployment':
    case 'extensions DaemonSet':
    case 'extensions ReplicaSet':
      return inside(object, 'spec', 'template');
    default:
      return undefined;
  }
}

function inside(object: JsonObject, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), object);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
