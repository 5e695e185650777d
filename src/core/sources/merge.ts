import { registryOf } from './docker-hub.ts';
import { comparePrecedence, explainPrecedence, type Candidate, type PrecedenceReason } from './precedence.ts';
import type { Source } from './source.ts';

/** A credential in a keyring, and the source it came from. */
export interface KeyringEntry {
  /** Normalised (kubelet/registry-key.ts) from what the source wrote. */
  readonly key: string;
  readonly username: string;
  readonly password: string;
  readonly source: string;
}

/** Several sources hold one registry for one namespace. Holds no credential. */
export interface KeyringConflict {
  readonly registry: string;
  /** The source whose credential counts. */
  readonly winner: string;
  readonly losers: readonly Loser[];
}

export interface Loser {
  readonly source: string;
  readonly reason: PrecedenceReason;
  /** Tells whether its credential is another than the winner's. */
  readonly differs: boolean;
}

/** A source, and the rank in which its scope admits the namespaces that the keyring is for. */
export interface RankedSource extends Candidate {
  readonly entries: Source['entries'];
}

interface MergeResult {
  readonly entries: readonly KeyringEntry[];
  readonly conflicts: readonly KeyringConflict[];
}

/** Merges sources by precedence, for the namespaces that see them in these ranks. */
export function mergeSources(sources: readonly RankedSource[]): MergeResult {
  const ordered = sources.toSorted(comparePrecedence);
  const held = new Map<string, { readonly winner: RankedSource; readonly entry: KeyringEntry; losers: Loser[] }>();
  for (const source of ordered) {
    for (const { key, username, password } of source.entries) {
      const registry = registryOf(key);
      const holder = held.get(registry);
      if (holder === undefined) {
        held.set(registry, { winner: source, entry: { key, username, password, source: source.source }, losers: [] });
      } else {
        const differs = holder.entry.username !== username || holder.entry.password !== password;
        holder.losers.push({ source: source.source, reason: explainPrecedence(holder.winner, source), differs });
      }
    }
  }
  const conflicts = [...held].flatMap(([registry, { winner, losers }]) =>
    losers.length === 0 ? [] : [{ registry, winner: winner.source, losers }],
  );
  return { entries: [...held.values()].map(({ entry }) => entry), conflicts };
}
