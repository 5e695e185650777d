import { renderContent, type DesiredContent, type LiveSecret } from '../core/secret/managed-secret.ts';
import { retain, type Kept } from '../core/secret/retention.ts';
import { readOrigins } from '../core/secret/sources-annotation.ts';
import { createKeyring, type Keyring, type KeyringEntry } from '../core/sources/keyring.ts';
import { createKeyrings, type Keyrings } from '../core/sources/keyrings.ts';
import { matchesSelector, type LabelSelector } from '../core/sources/label-selector.ts';
import { admits, type ScopeResult, type LabelledNamespace } from '../core/sources/scope.ts';
import type { Source } from '../core/sources/source.ts';

/** A namespace as it is known from its watch, or from a GET. */
export interface Namespace extends LabelledNamespace {
  readonly uid: string;
  readonly deleting: boolean;
}

/** What every namespace's managed Secret should hold: a function of the sources, of the namespace, and of what is kept. */
export interface DesiredState {
  /** Takes in a source as it is now; undefined: it is gone. Tells each namespace that it reached or reaches. */
  setSource(name: string, source: Source | undefined): void;
  isEnabled(namespace: LabelledNamespace): boolean;
  keyring(namespace: LabelledNamespace): Keyring;
  /** What the sources give, rendered. */
  content(namespace: LabelledNamespace): DesiredContent;
  /** What of the live Secret stays although no source gives it; whether a removal's grace is over is not asked here. */
  kept(namespace: LabelledNamespace, live: LiveSecret | undefined): readonly Kept[];
  /** What the sources give and these entries besides, which stand before others for their registry. */
  contentWith(namespace: LabelledNamespace, keptEntries: readonly KeyringEntry[]): DesiredContent;
  /** The credentials the kubelet finds for a repository name in what the managed Secret should hold now. */
  find(
    namespace: LabelledNamespace,
    live: LiveSecret | undefined,
    imageName: string,
  ): readonly Pick<KeyringEntry, 'source'>[];
}

export interface DesiredStateOptions {
  readonly selector: LabelSelector;
  readonly excluded: ReadonlySet<string>;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly sha256: (text: string) => string;
  readonly onAffected: (namespace: string) => void;
}

/** What a namespace is given and what it keeps, to look up in; right for one generation of the sources. */
interface KeptIndex {
  readonly given: Keyring;
  /** Counts the changes of sources: what is kept depends on more of a source than its keyring does. */
  readonly generation: number;
  readonly all: Keyring;
}

export function createDesiredState(options: DesiredStateOptions): DesiredState {
  const sources = new Map<string, Source>();
  // Namespaces that see the same sources share one keyring object, so its content is rendered once for all of them.
  const contents = new WeakMap<Keyring, DesiredContent>();
  const keptIndexes = new WeakMap<LiveSecret, KeptIndex>();
  let generation = 0;
  let keyrings: Keyrings | undefined;
  let previous: Keyrings | undefined;

  function current(): Keyrings {
    if (keyrings === undefined) {
      keyrings = createKeyrings([...sources.values()], previous);
      previous = keyrings;
    }
    return keyrings;
  }

  function isEnabled(namespace: LabelledNamespace): boolean {
    return !options.excluded.has(namespace.name) && matchesSelector(options.selector, namespace.labels);
  }

  function content(namespace: LabelledNamespace): DesiredContent {
    const keyring = current().for(namespace);
    let rendered = contents.get(keyring);
    if (rendered === undefined) {
      rendered = renderContent(keyring.entries, options.sha256);
      contents.set(keyring, rendered);
    }
    return rendered;
  }

  function kept(namespace: LabelledNamespace, live: LiveSecret | undefined): readonly Kept[] {
    // Only what we wrote ourselves says what was good.
    if (live === undefined || !live.owned || live.contentHash !== live.hashAnnotation) return [];
    if (live.sourcesAnnotation === content(namespace).sources) return [];
    return retain({
      live: readOrigins(live.sourcesAnnotation),
      given: current().for(namespace).entries,
      namespace,
      source: (name) => sources.get(name),
    });
  }

  function withKept(namespace: LabelledNamespace, entries: readonly KeyringEntry[]): Keyring {
    return createKeyring([...entries, ...current().for(namespace).entries]);
  }

  function addReached(scope: ScopeResult, reached: Set<string>): void {
    for (const namespace of candidates(scope)) if (admits(scope, namespace) !== undefined) reached.add(namespace.name);
  }

  /** Of a scope that names its namespaces one by one, no others need be looked at, however many there are. */
  function candidates(scope: ScopeResult): Iterable<Namespace> {
    const patterns = scope.kind === 'scope' ? scope.patterns : undefined;
    if (patterns === undefined || patterns.isEverywhere || patterns.globs.length > 0)
      return options.namespaces.values();
    return [...patterns.names].flatMap((name) => options.namespaces.get(name) ?? []);
  }

  return {
    setSource: (name, source) => {
      const before = sources.get(name);
      if (source === undefined) sources.delete(name);
      else sources.set(name, source);
      keyrings = undefined;
      generation++;
      const reached = new Set<string>();
      if (before !== undefined) addReached(before.scope, reached);
      if (source !== undefined && !isSameScope(before?.scope, source.scope)) addReached(source.scope, reached);
      for (const name of reached) options.onAffected(name);
    },
    isEnabled,
    keyring: (namespace) => current().for(namespace),
    content,
    kept,
    contentWith: (namespace, entries) => renderContent(withKept(namespace, entries).entries, options.sha256),
    find: (namespace, live, imageName) => {
      const given = current().for(namespace);
      const found = given.find(imageName);
      if (found.length > 0 || live === undefined) return found;
      let index = keptIndexes.get(live);
      if (index?.given !== given || index.generation !== generation) {
        // Which registries are kept is all that is asked: their credentials stay in the Secret.
        const entries = kept(namespace, live).map(({ source, key }) => ({ source, key, username: '', password: '' }));
        index = { given, generation, all: entries.length === 0 ? given : withKept(namespace, entries) };
        keptIndexes.set(live, index);
      }
      return index.all.find(imageName);
    },
  };
}

function isSameScope(left: ScopeResult | undefined, right: ScopeResult): boolean {
  return left?.kind === 'scope' && right.kind === 'scope' && left.text === right.text;
}
