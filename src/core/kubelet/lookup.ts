// Which credentials the kubelet finds for a repository name, and in which order (k8s.io/kubernetes/pkg/credentialprovider,
// `BasicDockerKeyring.Lookup` and `URLsMatch`).

import { compareBytes } from './byte-string.ts';
import { HUB_FALLBACK_KEY, isDefaultRegistry } from './docker-hub.ts';
import { parseUrl } from './go-url.ts';
import { isPattern, matchesLabel, splitHost, type HostParts } from './host-pattern.ts';
import { PrefixChain } from './prefix-chain.ts';

/** Answers what the kubelet's keyring answers. */
export interface LookupIndex<C> {
  /** The credentials for a repository name (`ImageReference.name`), in the kubelet's order. */
  find(name: string): readonly C[];
}

/**
 * Indexes credentials by their normalised keys (registry-key.ts). Several credentials of one key keep their order.
 *
 * Keys whose host is plain text are found by their host and port in a hash, so what a lookup costs does not grow
 * with them; keys with a glob are tried one by one, but only those with the image's port and number of labels.
 */
export function createLookupIndex<C>(entries: Iterable<readonly [key: string, credential: C]>): LookupIndex<C> {
  const slots = createSlots(entries);
  const exact = indexExactHosts(slots);
  const globs = indexGlobs(slots);
  const fallback = slots.find((slot) => slot.key === HUB_FALLBACK_KEY)?.credentials ?? [];

  return {
    find(name) {
      const target = readTarget(name);
      const matches = target === undefined ? [] : [...findExact(exact, target), ...findGlobs(globs, target)];
      if (matches.length > 0) {
        return matches.sort((left, right) => left.rank - right.rank).flatMap((slot) => slot.credentials);
      }
      return isDefaultRegistry(name) ? fallback : [];
    },
  };
}

/** Tells whether the key matches the name directly, that is without the fallback for Docker Hub. */
export function matchesKey(key: string, name: string): boolean {
  const pattern = readTarget(key);
  const target = readTarget(name);
  return (
    pattern !== undefined &&
    target !== undefined &&
    pattern.port === target.port &&
    matchesLabels(pattern, target) &&
    target.path.startsWith(pattern.path)
  );
}

/** Tells whether the key matches names of this host, which has no port, whatever the key's path. */
export function matchesHost(key: string, host: string): boolean {
  const pattern = readTarget(key);
  return pattern?.port === '' && matchesLabels(pattern, splitHost(host));
}

function matchesLabels(pattern: HostParts, host: HostParts): boolean {
  return (
    pattern.labels.length === host.labels.length &&
    pattern.labels.every((label, index) => matchesLabel(label, host.labels[index] ?? ''))
  );
}

/** One distinct key. */
interface Slot<C> {
  readonly key: string;
  /** Its place in the kubelet's order: by bytes, descending. */
  readonly rank: number;
  readonly credentials: C[];
}

interface Target extends HostParts {
  readonly path: string;
}

/** A key or a name, parsed once more at lookup: an escape in a key is decoded a second time here. */
function readTarget(schemeless: string): Target | undefined {
  const url = parseUrl(`https://${schemeless}`);
  return url === undefined ? undefined : { ...splitHost(url.host), path: url.path };
}

function createSlots<C>(entries: Iterable<readonly [key: string, credential: C]>): readonly Slot<C>[] {
  const byKey = new Map<string, C[]>();
  for (const [key, credential] of entries) {
    const credentials = byKey.get(key);
    if (credentials === undefined) byKey.set(key, [credential]);
    else credentials.push(credential);
  }
  return [...byKey]
    .sort(([left], [right]) => compareBytes(right, left))
    .map(([key, credentials], rank) => ({ key, rank, credentials }));
}

type ExactHosts<C> = ReadonlyMap<string, PrefixChain<readonly Slot<C>[]>>;

function indexExactHosts<C>(slots: readonly Slot<C>[]): ExactHosts<C> {
  const hosts = new Map<string, Map<string, Slot<C>[]>>();
  for (const slot of slots) {
    const target = readTarget(slot.key);
    if (target === undefined || target.labels.some(isPattern)) continue;
    const paths = getOrAdd(hosts, exactHost(target), () => new Map<string, Slot<C>[]>());
    // Two keys can have one path: `foo.io:/x` and `foo.io/x`, or one with an escape.
    getOrAdd(paths, target.path, () => []).push(slot);
  }
  return new Map([...hosts].map(([host, paths]) => [host, new PrefixChain(paths)]));
}

function findExact<C>(hosts: ExactHosts<C>, target: Target): readonly Slot<C>[] {
  return hosts.get(exactHost(target))?.find(target.path).flat() ?? [];
}

function exactHost({ labels, port }: Target): string {
  return `${port} ${labels.join('.')}`;
}

interface Glob<C> {
  readonly slot: Slot<C>;
  readonly target: Target;
}

type Globs<C> = ReadonlyMap<string, readonly Glob<C>[]>;

function indexGlobs<C>(slots: readonly Slot<C>[]): Globs<C> {
  const globs = new Map<string, Glob<C>[]>();
  for (const slot of slots) {
    const target = readTarget(slot.key);
    if (target?.labels.some(isPattern) !== true) continue;
    getOrAdd(globs, globShape(target), () => []).push({ slot, target });
  }
  return globs;
}

function findGlobs<C>(globs: Globs<C>, name: Target): readonly Slot<C>[] {
  const candidates = globs.get(globShape(name)) ?? [];
  return candidates
    .filter(({ target }) => name.path.startsWith(target.path) && matchesLabels(target, name))
    .map(({ slot }) => slot);
}

/** Globs match within one label, so only hosts of as many labels, on the same port, can match. */
function globShape({ labels, port }: Target): string {
  return `${port} ${labels.length}`;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const present = map.get(key);
  if (present !== undefined) return present;
  const created = create();
  map.set(key, created);
  return created;
}
