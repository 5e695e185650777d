import { compareBytes } from '../kubelet/byte-string.ts';
import { createLookupIndex, type LookupIndex } from '../kubelet/lookup.ts';
import { placeHubKey, registryOf } from './docker-hub.ts';
import type { KeyringConflict, KeyringEntry } from './merge.ts';

export type { KeyringConflict, KeyringEntry } from './merge.ts';

/** The merged docker config of some sources. */
export interface Keyring {
  /** Sorted by key bytes, each registry once. */
  readonly entries: readonly KeyringEntry[];
  readonly conflicts: readonly KeyringConflict[];
  /** What the kubelet finds for a repository name in the Secret with these entries, in its order. */
  find(imageName: string): readonly KeyringEntry[];
}

/**
 * Makes a keyring of entries. Of several for one registry the first counts (Docker Hub's two bare keys are one
 * registry); the rules of precedence are those of mergeSources.
 */
export function createKeyring(entries: readonly KeyringEntry[], conflicts: readonly KeyringConflict[] = []): Keyring {
  const byRegistry = new Map<string, KeyringEntry>();
  for (const entry of entries) {
    const registry = registryOf(entry.key);
    if (!byRegistry.has(registry)) byRegistry.set(registry, entry);
  }
  const sorted = [...byRegistry.values()].sort((left, right) => compareBytes(left.key, right.key));

  // Many keyrings are only written, never asked: the index is made when it is first needed.
  let index: LookupIndex<KeyringEntry> | undefined;
  return {
    entries: sorted,
    conflicts,
    find(imageName) {
      index ??= createIndex(sorted);
      return index.find(imageName);
    },
  };
}

function createIndex(entries: readonly KeyringEntry[]): LookupIndex<KeyringEntry> {
  const place = placeHubKey(entries);
  return createLookupIndex(entries.map((entry) => [place(entry), entry]));
}
