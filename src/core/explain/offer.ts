// What Pullkeeper has for a namespace, and what it has and keeps away from it.

import { displayKey } from '../sources/display.ts';
import { createKeyring } from '../sources/keyring.ts';
import type { Refusal } from '../sources/refusal.ts';
import { admits, type LabelledNamespace, type Scope } from '../sources/scope.ts';
import type { Source } from '../sources/source.ts';
import { placeHubKey } from '../sources/docker-hub.ts';
import type { Found, ManagedSecret, NamespaceFacts } from './facts.ts';
import { sourceOf } from './managed-sources.ts';
import { mergeFiles, mergeForNamespace, type MergedSources, type Outranked } from './merged-sources.ts';
import { compareKey } from './near-miss.ts';
import { keptOut, type NearReason } from './near-reason.ts';

/** A registry key and where it came from. Holds no credential. */
export interface OfferedKey {
  /** As normalised from what the source wrote. */
  readonly key: string;
  /** Undefined where the managed Secret does not say. */
  readonly source: string | undefined;
}

/** A key that does not give an image its credential although it looks so. */
export interface NearKey {
  /** As written, cleaned; undefined where the whole source is refused, and with it what it holds is unknown. */
  readonly key: string | undefined;
  readonly source: string;
  readonly reasons: readonly NearReason[];
}

export interface Offer {
  /** 'sources': from the sources themselves; 'managed-secret': from what they made of the namespace's Secret. */
  readonly basis: 'sources' | 'managed-secret' | 'none';
  /** All that there is for the namespace, as it would stand in the managed Secret. */
  readonly held: readonly (OfferedKey & { readonly heldKey: string })[];
  /** What is offered for a repository name, in the kubelet's order. */
  find(name: string): readonly OfferedKey[];
  /** Why other keys of the sources do not serve this name; in no particular order. */
  findNear(name: string): readonly NearKey[];
}

/**
 * What the managed Secret should hold, as far as it can be known from outside: what the sources say and, where they could
 * not be read or hold nothing for an image, what the managed Secret holds (during a removal grace, or of a last good entry).
 */
export function readOffer(facts: NamespaceFacts): Offer {
  const live = readLive(facts.managed);
  if (facts.sources.kind !== 'found') return live ?? NOTHING;
  const labels = facts.object.kind === 'found' ? facts.object.value.labels : {};
  const sources = facts.sources.value.map(({ source }) => source);
  const namespace = { name: facts.name, labels };
  const merged = facts.object.kind === 'offline' ? mergeFiles(sources) : mergeForNamespace(sources, namespace);
  const offered = offerOf(sources, namespace, merged);
  return {
    ...offered,
    find: (name) => {
      const found = offered.find(name);
      return found.length > 0 || live === undefined ? found : live.find(name);
    },
  };
}

const NOTHING: Offer = { basis: 'none', held: [], find: () => [], findNear: () => [] };

function offerOf(
  sources: readonly Source[],
  namespace: LabelledNamespace,
  { keyring, outranked }: MergedSources,
): Offer {
  const place = placeHubKey(keyring.entries);
  return {
    basis: 'sources',
    held: keyring.entries.map((entry) => ({ key: entry.key, source: entry.source, heldKey: place(entry) })),
    find: (name) => keyring.find(name).map(({ key, source }) => ({ key, source })),
    findNear: (name) => [
      ...sources.flatMap((source) => findNearOfSource(source, namespace, name)),
      ...outranked.flatMap((each) => findOutranked(each, name)),
    ],
  };
}

function readLive(managed: Found<ManagedSecret>): Offer | undefined {
  if (managed.kind !== 'found' || !managed.value.owned || managed.value.content.kind !== 'keys') return undefined;
  const { content, sources } = managed.value;
  const held = content.keys.flatMap(({ key, rawKey }) =>
    key === undefined ? [] : [{ key, heldKey: key, rawKey, source: sourceOf(sources, key) }],
  );
  const keyring = createKeyring(
    held.map(({ key, source }) => ({ key, source: source ?? '', username: '', password: '' })),
  );
  return {
    basis: 'managed-secret',
    held,
    find: (name) => keyring.find(name).map(({ key, source }) => ({ key, source: source === '' ? undefined : source })),
    findNear: (name) =>
      held.flatMap(({ rawKey, source }) => {
        const comparison = compareKey(rawKey, name);
        return comparison.kind === 'near' && source !== undefined
          ? [{ key: displayKey(rawKey), source, reasons: comparison.reasons }]
          : [];
      }),
  };
}

function findNearOfSource(source: Source, namespace: LabelledNamespace, name: string): readonly NearKey[] {
  const kept = explainScope(source, namespace);
  return [
    ...source.entries.flatMap(({ rawKey }) => findNearEntry(source, kept, rawKey, name)),
    ...source.refusals.flatMap((refusal) => findRefused(source, kept, refusal, name)),
  ];
}

function findNearEntry(source: Source, kept: NearReason | undefined, rawKey: string, name: string): readonly NearKey[] {
  const comparison = compareKey(rawKey, name);
  // A key that is only near, of a source that goes elsewhere, is nobody's mistake.
  if (kept !== undefined) return comparison.kind === 'match' ? [nearKey(source, rawKey, [kept])] : [];
  return comparison.kind === 'near' ? [nearKey(source, rawKey, comparison.reasons)] : [];
}

function findRefused(source: Source, kept: NearReason | undefined, refusal: Refusal, name: string): readonly NearKey[] {
  if (refusal.extent === 'source') {
    const isElsewhere = kept?.code === 'scope';
    return isElsewhere ? [] : [{ key: undefined, source: source.name, reasons: [keptOut.sourceRefused(refusal)] }];
  }
  const reasons = refusal.extent === 'entry' && kept === undefined ? explainRefusedEntry(refusal, name) : [];
  return reasons.length > 0 ? [{ key: refusal.where, source: source.name, reasons }] : [];
}

function nearKey(source: Source, rawKey: string, reasons: readonly NearReason[]): NearKey {
  return { key: displayKey(rawKey), source: source.name, reasons };
}

/** The refusal says itself what is wrong with the key's spelling; where it differs besides is told after it. */
function explainRefusedEntry(refusal: Refusal, name: string): readonly NearReason[] {
  // Brackets before an "@" are a fault of their own, which the key as written does not have.
  const comparison = compareKey(refusal.where.replaceAll('[redacted]', 'redacted'), name);
  if (comparison.kind === 'far') return [];
  const spelled = refusal.code.startsWith('key-');
  const others =
    comparison.kind === 'near' ? comparison.reasons.filter(({ code }) => !spelled || !SPELLINGS.has(code)) : [];
  return [keptOut.entryRefused(refusal), ...others];
}

const SPELLINGS: ReadonlySet<NearReason['code']> = new Set([
  'key-scheme',
  'key-port',
  'address-without-port',
  'version-slash',
  'star-in-path',
  'tag-in-key',
  'digest-in-key',
  'key-dropped',
  'not-a-host',
  'path-case',
]);

/** Why a source's scope leaves the namespace out, or undefined when it does not. */
export function explainScope(source: Source, namespace: LabelledNamespace): NearReason | undefined {
  if (admits(source.scope, namespace) !== undefined) return undefined;
  if (source.scope.kind === 'scope') return keptOut.scope(namespace.name, describeScope(source.scope));
  if (source.scope.kind === 'none') return keptOut.noScope();
  const refusal = source.refusals.find(({ extent }) => extent === 'scope');
  return refusal === undefined ? keptOut.noScope() : keptOut.scopeRefused(refusal);
}

function describeScope(scope: Scope): string {
  const written: unknown = JSON.parse(scope.text);
  const [namespaces, selector] = Array.isArray(written) ? written : [];
  return [
    ...(typeof namespaces === 'string' ? [`namespaces ${namespaces}`] : []),
    ...(typeof selector === 'string' ? [`selector ${selector}`] : []),
  ].join(' and ');
}

function findOutranked({ registry, winner, loser, why }: Outranked, name: string): readonly NearKey[] {
  if (compareKey(registry, name).kind !== 'match') return [];
  return [{ key: registry, source: loser, reasons: [keptOut.outranked(winner, why)] }];
}
