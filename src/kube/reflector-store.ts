import type { WatchEvent } from './answer.ts';
import { readObjectMeta, type ObjectMeta } from './object-meta.ts';

/** One object's change, told after the store holds it. `previous` is undefined for an object that was not there. */
export type Change<Kept> =
  | { readonly type: 'set'; readonly key: string; readonly value: Kept; readonly previous: Kept | undefined }
  | { readonly type: 'deleted'; readonly key: string; readonly previous: Kept };

/** What a reflector has been told, by key. */
export interface ReflectorStore<Kept> {
  readonly items: ReadonlyMap<string, Kept>;
  /** The version up to which everything was told; undefined before the first list. */
  version(): string | undefined;
  /** Begins a list; nothing of it counts before it is whole. */
  beginList(): { add(object: unknown): void; end(version: string): void };
  take(event: WatchEvent): void;
}

export interface ReflectorStoreOptions<Kept> {
  readonly keep: (object: unknown, meta: ObjectMeta) => Kept | undefined;
  /** Who is told of a change finds all that is known at its version, not a part of it. */
  readonly onChange: (change: Change<Kept>) => void;
}

interface Entry<Kept> {
  readonly value: Kept;
  readonly resourceVersion: string;
  readonly uid: string;
}

export function createReflectorStore<Kept>(options: ReflectorStoreOptions<Kept>): ReflectorStore<Kept> {
  const entries = new Map<string, Entry<Kept>>();
  const items = new Map<string, Kept>();
  let told: string | undefined;

  function put(key: string, entry: Entry<Kept>): Change<Kept> | undefined {
    const before = entries.get(key);
    if (before?.resourceVersion === entry.resourceVersion && before.uid === entry.uid) return undefined;
    entries.set(key, entry);
    items.set(key, entry.value);
    return { type: 'set', key, value: entry.value, previous: before?.value };
  }

  function remove(key: string): Change<Kept> | undefined {
    const before = entries.get(key);
    if (before === undefined) return undefined;
    entries.delete(key);
    items.delete(key);
    return { type: 'deleted', key, previous: before.value };
  }

  function keep(object: unknown): { key: string; version: string; entry: Entry<Kept> | undefined } {
    const meta = readObjectMeta(object);
    const value = options.keep(object, meta);
    const entry = value === undefined ? undefined : { value, resourceVersion: meta.resourceVersion, uid: meta.uid };
    return { key: meta.key, version: meta.resourceVersion, entry };
  }

  function tell(version: string, changes: readonly (Change<Kept> | undefined)[]): void {
    told = version;
    for (const change of changes) if (change !== undefined) options.onChange(change);
  }

  return {
    items,
    version: () => told,
    beginList: () => {
      const found = new Map<string, Entry<Kept>>();
      return {
        add: (object) => {
          const { key, entry } = keep(object);
          if (entry !== undefined) found.set(key, entry);
        },
        end: (version) => {
          const gone = [...entries.keys()].filter((key) => !found.has(key));
          tell(version, [...gone.map(remove), ...[...found].map(([key, entry]) => put(key, entry))]);
        },
      };
    },
    take: (event) => {
      if (event.type === 'BOOKMARK') return tell(readObjectMeta(event.object).resourceVersion, []);
      const { key, entry, version } = keep(event.object);
      tell(version, [event.type === 'DELETED' || entry === undefined ? remove(key) : put(key, entry)]);
    },
  };
}
