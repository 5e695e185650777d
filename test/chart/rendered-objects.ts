import { parseAllDocuments, stringify } from 'yaml';

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** The objects of a rendering by `Kind/name`. */
export function readObjects(rendered: string): ReadonlyMap<string, KubeObject> {
  const documents = parseAllDocuments(rendered);
  for (const { errors } of documents) if (errors[0] !== undefined) throw errors[0];
  const objects = documents.map((document) => document.toJS() as KubeObject | null).filter((object) => object !== null);
  return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
}

/** What differs between two renderings, as YAML: whole objects that came, names of those that went, and changed fields. */
export function describeChanges(before: ReadonlyMap<string, KubeObject>, now: ReadonlyMap<string, KubeObject>): string {
  const added = [...now].filter(([key]) => !before.has(key)).map(([key, object]) => [key, withoutVersions(object)]);
  const removed = [...before.keys()].filter((key) => !now.has(key));
  const changed = [...now].flatMap(([key, object]) => {
    const fields = findChanges(before.get(key) ?? object, object, '');
    return fields.length === 0 ? [] : [[key, Object.fromEntries(fields)] as const];
  });
  const changes = {
    ...(changed.length === 0 ? {} : { changed: Object.fromEntries(changed) }),
    ...(removed.length === 0 ? {} : { removed }),
    ...(added.length === 0 ? {} : { added: Object.fromEntries(added) }),
  };
  return stringify(changes, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Goldens are not to change with every release. */
function withoutVersions(object: KubeObject): KubeObject {
  const { 'app.kubernetes.io/version': _version, 'helm.sh/chart': _chart, ...labels } = object.metadata.labels;
  return { ...object, metadata: { ...object.metadata, labels } };
}

/** Path and new value of each field that is another; null for one that is gone. Lists of named objects are gone through. */
function findChanges(before: unknown, now: unknown, path: string): [string, unknown][] {
  const [old, fresh] = [entriesOf(before), entriesOf(now)];
  if (old === undefined || fresh === undefined) {
    return JSON.stringify(before) === JSON.stringify(now) ? [] : [[path, now]];
  }
  const keys = [...new Set([...old.keys(), ...fresh.keys()])];
  return keys.flatMap((key): [string, unknown][] => {
    const inner = path === '' ? key : `${path}.${key}`;
    if (!fresh.has(key)) return [[inner, null]];
    return old.has(key) ? findChanges(old.get(key), fresh.get(key), inner) : [[inner, fresh.get(key)]];
  });
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const named = value.every((each): each is { name: string } => isNamed(each));
  return named && value.length > 0 ? new Map(value.map((each) => [`[${each.name}]`, each])) : undefined;
}

function isNamed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}
