import { registryOf } from '../sources/docker-hub.ts';
import { createKeyring, type Keyring } from '../sources/keyring.ts';
import { createKeyrings } from '../sources/keyrings.ts';
import type { PrecedenceReason } from '../sources/precedence.ts';
import type { LabelledNamespace } from '../sources/scope.ts';
import type { Source } from '../sources/source.ts';

/** The keyring of one namespace, and the registries of sources that lost to another source. */
export interface MergedSources {
  readonly keyring: Keyring;
  readonly outranked: readonly Outranked[];
}

export interface Outranked {
  readonly registry: string;
  readonly winner: string;
  readonly loser: string;
  readonly why: PrecedenceReason | 'file-order';
}

/** The sources of a cluster, by the rules of precedence. */
export function mergeForNamespace(sources: readonly Source[], namespace: LabelledNamespace): MergedSources {
  const keyring = createKeyrings(sources).for(namespace);
  const outranked = keyring.conflicts.flatMap(({ registry, winner, losers }) =>
    losers.map(({ source, reason }) => ({ registry, winner, loser: source, why: reason })),
  );
  return { keyring, outranked };
}

/** Files of a command line: of two that hold one registry, the earlier counts, as for `pullkeeper inject`. */
export function mergeFiles(files: readonly Source[]): MergedSources {
  const holders = new Map<string, string>();
  const outranked: Outranked[] = [];
  const entries = files.flatMap(({ name, entries: held }) => held.map((entry) => ({ ...entry, source: name })));
  for (const { key, source } of entries) {
    const registry = registryOf(key);
    const winner = holders.get(registry);
    if (winner === undefined) holders.set(registry, source);
    else outranked.push({ registry, winner, loser: source, why: 'file-order' });
  }
  return { keyring: createKeyring(entries), outranked };
}
