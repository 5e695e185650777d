import type { DatedSource, Found, Install, NamespaceFacts } from '../core/explain/facts.ts';
import {
  readCreationTime,
  readManagedSecret,
  readNamespaceObject,
  readSecretContent,
} from '../core/explain/object-facts.ts';
import { readable } from '../core/explain/unread.ts';
import { readAccount } from '../core/pod/service-account.ts';
import { NAMESPACES_ANNOTATION, SELECTOR_ANNOTATION } from '../core/sources/scope.ts';
import type { KubeClient } from '../kube/client.ts';
import { readObjectMeta } from '../kube/object-meta.ts';
import { readSourceSecret, SOURCE_TYPES } from '../kube/sources.ts';
import { METADATA_ONLY } from '../kube/strict-accounts.ts';
import { createClusterReader, type ClusterReader } from './explain-reader.ts';
import type { ObjectKind } from './explain-target.ts';
import type { World } from './explain-world.ts';

/** Asks a cluster, everything once. Secrets are read one by one: the right to list them is not needed but for sources. */
export function createClusterWorld(call: KubeClient['call'], namespace: string, install: Install): World {
  const reader = createClusterReader(call);
  const asked = new Map<string, Promise<Found<unknown>>>();
  const namespaces = new Map<string, Promise<NamespaceFacts>>();
  let sources: Promise<Found<readonly DatedSource[]>> | undefined;

  function once(path: string, ask: () => Promise<Found<unknown>>): Promise<Found<unknown>> {
    return getOrAdd(asked, path, ask);
  }

  function getSecret(inNamespace: string, name: string): Promise<Found<unknown>> {
    const path = objectPath('v1', inNamespace, 'secrets', name);
    return once(path, () => reader.get(readable.secret(inNamespace, name), path));
  }

  async function askNamespace(name: string): Promise<NamespaceFacts> {
    const path = `/api/v1/namespaces/${encodeURIComponent(name)}`;
    const object = await once(path, () => reader.get(readable.namespace(name), path));
    sources ??= readSources(reader, install.ownNamespace);
    const managed = getSecret(name, install.secretName);
    return {
      name,
      object: map(object, readNamespaceObject),
      sources: await sources,
      managed: map(await managed, (secret) => readManagedSecret(secret, decodeBase64)),
    };
  }

  return {
    namespace,
    namespaceFacts: (name) => getOrAdd(namespaces, name, () => askNamespace(name)),
    account: async (inNamespace, name) => {
      const path = objectPath('v1', inNamespace, 'serviceaccounts', name);
      return map(await once(path, () => reader.get(readable.account(inNamespace, name), path)), readAccount);
    },
    pullSecret: async (inNamespace, name) =>
      map(await getSecret(inNamespace, name), (secret) => readSecretContent(secret, decodeBase64)),
    object: ({ kind, apiVersion, plural }: ObjectKind, inNamespace, name) => {
      const path = objectPath(apiVersion, inNamespace, plural, name);
      return once(path, () => reader.get(readable.object(kind, inNamespace, name), path));
    },
    unread: () => reader.unread(),
    failure: () => reader.failure(),
  };
}

/**
 * The sources of the two types, and the Secrets of other types that are annotated as if they were sources: the likeliest
 * mistake. Of Secrets that are neither, only the metadata is asked for.
 */
async function readSources(reader: ClusterReader, namespace: string): Promise<Found<readonly DatedSource[]>> {
  const what = readable.sources(namespace);
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
  const secrets: unknown[] = [];
  for (const type of SOURCE_TYPES) {
    const found = await reader.list(what, path, { fieldSelector: `type=${type}` });
    if (found.kind !== 'found') return found;
    secrets.push(...found.value);
  }
  const others = await reader.list(what, path, { accept: METADATA_ONLY.list });
  if (others.kind !== 'found') return others;
  const known = new Set(secrets.map((secret) => readObjectMeta(secret).name));
  for (const { name, annotations } of others.value.map(readObjectMeta)) {
    const isAnnotated = NAMESPACES_ANNOTATION in annotations || SELECTOR_ANNOTATION in annotations;
    if (known.has(name) || !isAnnotated) continue;
    const found = await reader.get(what, `${path}/${encodeURIComponent(name)}`);
    if (found.kind === 'found') secrets.push(found.value);
  }
  return {
    kind: 'found',
    value: secrets.map((secret) => ({
      source: readSourceSecret(secret, readObjectMeta(secret)),
      createdAt: readCreationTime(secret),
    })),
  };
}

function objectPath(apiVersion: string, namespace: string, plural: string, name: string): string {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`;
}

function decodeBase64(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}

function map<T, U>(found: Found<T>, change: (value: T) => U): Found<U> {
  return found.kind === 'found' ? { kind: 'found', value: change(found.value) } : found;
}

function getOrAdd<K, V>(values: Map<K, V>, key: K, create: () => V): V {
  const present = values.get(key);
  if (present !== undefined) return present;
  const created = create();
  values.set(key, created);
  return created;
}
