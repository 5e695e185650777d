import { isRecord } from '../json-value.ts';
import { displayText } from '../sources/display.ts';
import { valueAt, type ValuePath } from './value-path.ts';

/** One Kubernetes object of a manifest, alone or out of a list. */
export interface Resource {
  /** `deployment/web`, for people. */
  readonly label: string;
  /** `GROUP/KIND`: `apps/Deployment`, `/Pod`. */
  readonly type: string;
  readonly name: string;
  /** Undefined where the manifest leaves it to whoever applies it. */
  readonly namespace: string | undefined;
  readonly object: Readonly<Record<string, unknown>>;
  /** Where the Pod's `metadata` and `spec` stand, from the document's root; undefined for a kind without Pod template. */
  readonly podPath: ValuePath | undefined;
}

/**
 * Lists the objects of one parsed document, with lists (`v1` List, `PodList`, …), however nested, taken apart. Empty
 * for a document that is no Kubernetes object (no `kind` or no `apiVersion`).
 */
export function listResources(value: unknown): readonly Resource[] {
  return list(value, [], { apiVersion: undefined, kind: undefined });
}

/** Tells whether a parsed document is a Kubernetes object, a list too. */
export function isResource(value: unknown): boolean {
  return isRecord(value) && readText(value.apiVersion) !== undefined && readText(value.kind) !== undefined;
}

/** What the API server leaves out of the items of a typed list, for the list says it already. */
interface Inherited {
  readonly apiVersion: string | undefined;
  readonly kind: string | undefined;
}

function list(value: unknown, path: ValuePath, inherited: Inherited): readonly Resource[] {
  if (!isRecord(value)) return [];
  const apiVersion = readText(value.apiVersion) ?? inherited.apiVersion;
  const kind = readText(value.kind) ?? inherited.kind;
  if (apiVersion === undefined || kind === undefined) return [];
  if (kind.endsWith('List') && Array.isArray(value.items)) {
    const itemKind = kind.slice(0, -'List'.length);
    const ofItems = itemKind === '' ? { apiVersion: undefined, kind: undefined } : { apiVersion, kind: itemKind };
    return value.items.flatMap((item, index) => list(item, [...path, 'items', index], ofItems));
  }
  return [describe(value, path, apiVersion, kind)];
}

function describe(object: Record<string, unknown>, path: ValuePath, apiVersion: string, kind: string): Resource {
  const metadata = isRecord(object.metadata) ? object.metadata : {};
  const generated = readText(metadata.generateName);
  const name = readText(metadata.name) ?? (generated === undefined ? '' : `${generated}*`);
  const type = `${groupOf(apiVersion)}/${kind}`;
  const template = TEMPLATE_PATHS.get(type);
  return {
    label: displayText(`${kind.toLowerCase()}/${name}`),
    type,
    name,
    namespace: readText(metadata.namespace),
    object,
    podPath: template === undefined ? undefined : [...path, ...template],
  };
}

/**
 * Where each type holds its Pod template (k8s.io/api; every version of a group that ever held the kind
 * has it there). A custom resource may hold one too, but only its own controller knows where.
 */
const TEMPLATE_PATHS: ReadonlyMap<string, ValuePath> = new Map<string, ValuePath>([
  ['/Pod', []],
  ['/PodTemplate', ['template']],
  ['/ReplicationController', ['spec', 'template']],
  ['apps/DaemonSet', ['spec', 'template']],
  ['apps/Deployment', ['spec', 'template']],
  ['apps/ReplicaSet', ['spec', 'template']],
  ['apps/StatefulSet', ['spec', 'template']],
  ['batch/CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
  ['batch/Job', ['spec', 'template']],
  ['extensions/DaemonSet', ['spec', 'template']],
  ['extensions/Deployment', ['spec', 'template']],
  ['extensions/ReplicaSet', ['spec', 'template']],
]);

/** `apps` of `apps/v1`; empty for the core group's `v1`. */
function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What stands where a resource's Pod should. */
export function podOf(document: unknown, resource: Resource): unknown {
  return resource.podPath === undefined ? undefined : valueAt(document, resource.podPath);
}
