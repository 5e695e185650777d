import { createKeyring, type Keyring } from './keyring.ts';
import { mergeSources, type RankedSource } from './merge.ts';
import { admits, type LabelledNamespace, type ScopeRank } from './scope.ts';
import type { Source } from './source.ts';

/** The keyrings of all namespaces. */
export interface Keyrings {
  /** The keyring of a namespace; namespaces that see the same sources in the same ranks get the same object. */
  for(namespace: LabelledNamespace): Keyring;
}

/**
 * Makes the keyrings of these sources. Nothing is merged before it is asked for, and each set of sources once.
 *
 * @param previous the keyrings before a source changed. Its keyrings of unchanged sources (the same objects, or equal ones)
 *   are used again, so that a keyring stays the same object as long as its sources are the same
 */
export function createKeyrings(sources: readonly Source[], previous?: Keyrings): Keyrings {
  return new SharedKeyrings(sources, previous instanceof SharedKeyrings ? previous : undefined);
}

/** Sources of one scope are admitted together, so the scope is asked once for all of them. */
interface ScopeGroup {
  readonly scope: Source['scope'];
  readonly sources: readonly Source[];
  /** Names this very set of sources. */
  readonly id: string;
}

class SharedKeyrings implements Keyrings {
  readonly #groups: readonly ScopeGroup[];
  readonly #sources: ReadonlyMap<string, NumberedSource>;
  readonly #nextNumber: number;
  /** By the ids and ranks of the groups admitted. */
  readonly #merged: Map<string, Merged>;
  readonly #known = new WeakMap<LabelledNamespace, Keyring>();

  constructor(sources: readonly Source[], previous: SharedKeyrings | undefined) {
    const before = previous === undefined ? new Map<string, NumberedSource>() : previous.#sources;
    const firstFree = previous === undefined ? 0 : previous.#nextNumber;
    const { numbered, nextNumber } = numberSources(sources, before, firstFree);
    this.#sources = numbered;
    this.#nextNumber = nextNumber;
    this.#groups = groupByScope([...numbered.values()]);
    this.#merged = previous === undefined ? new Map() : keepCurrent(previous.#merged, this.#groups);
  }

  for(namespace: LabelledNamespace): Keyring {
    const known = this.#known.get(namespace);
    if (known !== undefined) return known;
    const keyring = this.#find(namespace);
    this.#known.set(namespace, keyring);
    return keyring;
  }

  #find(namespace: LabelledNamespace): Keyring {
    const admitted: AdmittedGroup[] = [];
    let signature = '';
    for (const group of this.#groups) {
      const rank = admits(group.scope, namespace);
      if (rank === undefined) continue;
      admitted.push({ group, rank });
      signature += `${group.id} ${rank},`;
    }

    const merged = this.#merged.get(signature);
    if (merged !== undefined) return merged.keyring;
    const { entries, conflicts } = mergeSources(admitted.flatMap(rankSources));
    const keyring = createKeyring(entries, conflicts);
    this.#merged.set(signature, { keyring, groups: admitted.map(({ group }) => group.id) });
    return keyring;
  }
}

interface AdmittedGroup {
  readonly group: ScopeGroup;
  readonly rank: ScopeRank;
}

interface Merged {
  readonly keyring: Keyring;
  /** The ids of the groups it is made of. */
  readonly groups: readonly string[];
}

/** What was merged of groups that are still there; the rest would only pile up. */
function keepCurrent(merged: ReadonlyMap<string, Merged>, groups: readonly ScopeGroup[]): Map<string, Merged> {
  const ids = new Set(groups.map(({ id }) => id));
  return new Map([...merged].filter(([, { groups: made }]) => made.every((id) => ids.has(id))));
}

function rankSources({ group, rank }: AdmittedGroup): RankedSource[] {
  return group.sources.map(({ name, entries }) => ({ source: name, rank, entries }));
}

interface NumberedSource {
  readonly source: Source;
  /** Never given to another content. */
  readonly number: number;
}

function numberSources(
  sources: readonly Source[],
  previous: ReadonlyMap<string, NumberedSource>,
  firstFree: number,
): { readonly numbered: ReadonlyMap<string, NumberedSource>; readonly nextNumber: number } {
  let nextNumber = firstFree;
  const numbered = new Map<string, NumberedSource>();
  for (const source of sources) {
    const before = previous.get(source.name);
    if (before !== undefined && holdsTheSame(before.source, source)) {
      numbered.set(source.name, { source, number: before.number });
    } else {
      numbered.set(source.name, { source, number: nextNumber });
      nextNumber += 1;
    }
  }
  return { numbered, nextNumber };
}

/** Tells whether two sources give the same credentials to whom they admit. */
function holdsTheSame(left: Source, right: Source): boolean {
  if (left === right) return true;
  return (
    left.entries.length === right.entries.length &&
    left.entries.every((entry, index) => {
      const other = right.entries[index];
      return entry.key === other?.key && entry.username === other.username && entry.password === other.password;
    })
  );
}

function groupByScope(sources: readonly NumberedSource[]): readonly ScopeGroup[] {
  const scoped = sources.filter(({ source }) => source.scope.kind === 'scope' && source.entries.length > 0);
  const groups = Map.groupBy(scoped, ({ source }) => (source.scope.kind === 'scope' ? source.scope.text : ''));
  return [...groups.values()]
    .flatMap((members) => {
      const [first] = members;
      if (first === undefined) return [];
      const numbers = members.map(({ number }) => number).sort((left, right) => left - right);
      return [{ scope: first.source.scope, sources: members.map(({ source }) => source), id: numbers.join('.') }];
    })
    .sort((left, right) => (left.id < right.id ? -1 : 1));
}
