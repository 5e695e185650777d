import { MANAGED_TYPE } from '../../src/core/secret/managed-secret.ts';
import { NAMESPACE, type Installation } from '../installation/installation.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { forEach, type PlainApi } from './scale-api.ts';
import type { Sightings } from './scale-sightings.ts';
import type { Sizes } from './scale-options.ts';

/** What every part works with. */
export interface World {
  readonly cluster: Cluster;
  readonly product: Installation;
  readonly api: PlainApi;
  readonly seen: Sightings;
  readonly sizes: Sizes;
  /** Says what is going on, with the time that has passed. */
  readonly say: (text: string) => void;
  /** Names of the enabled namespaces `team-00000` and on that there are; grows by `growTo`. */
  readonly teams: string[];
}

/**
 * Writes under way at once: the product's own number (CONCURRENCY in src/controller.ts), which the plain loops must have
 * as well.
 */
export const CONCURRENCY = 24;
export const MANAGED = 'pullkeeper';
export const PLAIN = 'plain';
export const ENABLED = { 'pullkeeper.dev/inject': 'enabled' };

export function secretPath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}

/** The name of the namespace with this number; names sort as numbers do, and globs can pick by digits. */
export function teamName(index: number): string {
  return `team-${String(index).padStart(5, '0')}`;
}

export async function createNamespace(api: PlainApi, name: string, labels: Record<string, string>): Promise<void> {
  await api.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
}

/** Makes further enabled namespaces until there are this many, and waits until each has its managed Secret. */
export async function growTo({ api, seen, teams, say }: World, count: number): Promise<void> {
  if (teams.length >= count) return;
  const added = Array.from({ length: count - teams.length }, (_, index) => teamName(teams.length + index));
  const there = seen.changes(MANAGED, added);
  await forEach(added, CONCURRENCY, (name) => createNamespace(api, name, ENABLED));
  await there;
  teams.push(...added);
  say(`${teams.length} namespaces, each with its Secret`);
}

/** Writes a source with one registry. */
export async function putSource(api: PlainApi, name: string, namespaces: string, password: string): Promise<void> {
  const entry = { username: 'robot', password, auth: Buffer.from(`robot:${password}`).toString('base64') };
  const config = JSON.stringify({ auths: { [`${name}.registry.example.com`]: entry } });
  await api.apply(secretPath(NAMESPACE, name), {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: NAMESPACE, annotations: { 'pullkeeper.dev/namespaces': namespaces } },
    type: MANAGED_TYPE,
    data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
  });
}
