// The kubelet makes one keyring of all pull Secrets of a Pod, in the order of its list.

import { HUB_FALLBACK_KEY } from '../kubelet/docker-hub.ts';
import { createLookupIndex, matchesKey } from '../kubelet/lookup.ts';
import { displayKey } from '../sources/display.ts';
import { registryOf } from '../sources/docker-hub.ts';
import type { Finding } from './finding.ts';
import { compareKey } from './near-miss.ts';
import { keptOut, type NearReason } from './near-reason.ts';

/** What is known of one pull Secret in a Pod's list. */
export type ListedContent =
  | { readonly kind: 'keys'; readonly keys: readonly ListedKey[] }
  /** The kubelet takes nothing from it and goes on. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'broken' }
  | { readonly kind: 'unknown' };

export interface ListedKey {
  readonly rawKey: string;
  readonly key: string | undefined;
  readonly source: string | undefined;
}

export interface ListedSecret {
  readonly name: string;
  readonly content: ListedContent;
}

/** A credential that the kubelet would try, told by where it is. */
export interface FoundCredential {
  readonly secret: string;
  /** As written, cleaned. */
  readonly key: string;
  /** Undefined for a Secret that is not Pullkeeper's. */
  readonly source: string | undefined;
  /**
   * 'partial-path': it matches although its path ends amid a word of the image's, for a path is a plain prefix.
   * 'hub-fallback': no key matches the image itself, so Docker Hub's is asked.
   */
  readonly by: 'match' | 'partial-path' | 'hub-fallback';
}

/** A key in one of the Pod's own Secrets that does not serve an image although it looks so. */
export interface NearListedKey {
  readonly key: string;
  readonly secret: string;
  readonly reasons: readonly NearReason[];
}

export type OutcomeCode =
  | 'credential'
  | 'credential-uncertain'
  | 'no-match'
  | 'no-pull-secret'
  | 'unknown'
  | 'secret-broken'
  | 'invalid-image-name';

/** What the kubelet would do about one image. */
export type Outcome = Finding<OutcomeCode>;

/** All pull Secrets of one Pod. */
export interface PodKeyring {
  /** In the kubelet's order. */
  find(name: string): readonly FoundCredential[];
  /**
   * What the kubelet would do. The first row that holds decides:
   *
   * | # | a Secret of the list is broken | a key matches | something is not known | outcome              |
   * |---|--------------------------------|---------------|------------------------|----------------------|
   * | 1 | yes                            |               |                        | secret-broken        |
   * | 2 |                                | yes           | yes                    | credential-uncertain |
   * | 3 |                                | yes           | no                     | credential           |
   * | 4 |                                | no            | yes                    | unknown              |
   * | 5 |                                | no            | no, the list is empty  | no-pull-secret       |
   * | 6 |                                | no            | no                     | no-match             |
   */
  judge(name: string): Outcome;
  /** Keys of the named Secrets that are near. */
  findNear(name: string, secrets: ReadonlySet<string>): readonly NearListedKey[];
}

/**
 * @param doubts why the list or what it holds is not wholly known, besides Secrets of unknown content; clauses
 */
export function createPodKeyring(secrets: readonly ListedSecret[], doubts: readonly string[]): PodKeyring {
  const held = secrets.flatMap(({ name, content }) =>
    content.kind === 'keys' ? content.keys.map((key) => ({ ...key, secret: name })) : [],
  );
  const index = createLookupIndex(
    held.flatMap((each) => (each.key === undefined ? [] : [[each.key, { ...each, key: each.key }] as const])),
  );
  const brokenSecrets = secrets.filter(({ content }) => content.kind === 'broken').map(({ name }) => name);
  const unknownSecrets = secrets.filter(({ content }) => content.kind === 'unknown').map(({ name }) => name);
  const allDoubts = [
    ...(unknownSecrets.length === 0 ? [] : [`what ${describeSecrets(unknownSecrets)} holds`]),
    ...doubts,
  ];

  function find(name: string): readonly FoundCredential[] {
    return index.find(name).map(({ secret, rawKey, key, source }) => ({
      secret,
      key: displayKey(rawKey),
      source,
      by: explainMatch(key, name),
    }));
  }

  return {
    find,
    judge: (name) => {
      const [first, ...others] = find(name);
      if (brokenSecrets.length > 0) return outcome.secretBroken(brokenSecrets);
      if (first !== undefined) {
        return allDoubts.length > 0 ? outcome.uncertain(first, allDoubts) : outcome.credential(first, others.length);
      }
      if (allDoubts.length > 0) return outcome.unknown(allDoubts);
      return secrets.length === 0 ? outcome.noPullSecret() : outcome.noMatch();
    },
    findNear: (name, names) => {
      const [first] = find(name);
      return held.flatMap(({ secret, rawKey, key }) => {
        if (!names.has(secret)) return [];
        const comparison = compareKey(rawKey, name);
        if (comparison.kind === 'near') return [{ key: displayKey(rawKey), secret, reasons: comparison.reasons }];
        const isUnused = key !== undefined && registryOf(key) === HUB_FALLBACK_KEY && !matchesKey(key, name);
        return comparison.kind === 'match' && isUnused && first !== undefined && first.by !== 'hub-fallback'
          ? [
              {
                key: displayKey(rawKey),
                secret,
                reasons: [keptOut.fallbackUnused(`${first.key} in Secret ${first.secret}`)],
              },
            ]
          : [];
      });
    },
  };
}

function explainMatch(key: string, name: string): FoundCredential['by'] {
  if (!matchesKey(key, name)) return 'hub-fallback';
  const path = key.includes('/') ? key.slice(key.indexOf('/')) : '';
  const rest = name.slice(name.indexOf('/') + path.length);
  return path === '' || path.endsWith('/') || rest === '' || rest.startsWith('/') ? 'match' : 'partial-path';
}

export const outcome = {
  credential: (first: FoundCredential, others: number): Outcome =>
    finding(
      'credential',
      others === 0
        ? `the kubelet uses ${describeCredential(first)}`
        : `the kubelet first tries ${describeCredential(first)}, then ${others} more`,
    ),
  uncertain: (first: FoundCredential, doubts: readonly string[]): Outcome =>
    finding(
      'credential-uncertain',
      `the kubelet tries ${describeCredential(first)}, perhaps after another: not known is ${doubts.join(', and ')}`,
    ),
  noMatch: (): Outcome =>
    finding(
      'no-match',
      "no key of the Pod's pull Secrets matches: the kubelet pulls without a credential, unless its node has one",
    ),
  noPullSecret: (): Outcome =>
    finding(
      'no-pull-secret',
      'the Pod has no pull Secret: the kubelet pulls without a credential, unless its node has one',
    ),
  unknown: (doubts: readonly string[]): Outcome =>
    finding('unknown', `no credential is in what could be read, but not known is ${doubts.join(', and ')}`),
  secretBroken: (broken: readonly string[]): Outcome =>
    finding('secret-broken', `every pull of the Pod fails: the kubelet cannot decode ${describeSecrets(broken)}`),
  invalidName: (reason: string): Outcome =>
    finding('invalid-image-name', `the kubelet answers InvalidImageName and looks nothing up: ${reason}`),
};

function finding(code: OutcomeCode, sentence: string): Outcome {
  return { code, sentence };
}

function describeCredential({ key, secret, source, by }: FoundCredential): string {
  const place = `the credential for ${key} in Secret ${secret}${source === undefined ? '' : ` (source ${source})`}`;
  return by === 'partial-path' ? `${place}, for a path is a plain prefix, without a boundary at "/"` : place;
}

function describeSecrets(names: readonly string[]): string {
  return `${names.length === 1 ? 'Secret' : 'Secrets'} ${names.join(', ')}`;
}
