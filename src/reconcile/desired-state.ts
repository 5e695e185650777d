import { matchesSelector, type LabelSelector } from '../core/sources/label-selector.ts';
import type { Keyring } from '../core/sources/keyring.ts';
import { createKeyrings, type Keyrings } from '../core/sources/keyrings.ts';
import { admits, type NamespaceFacts } from '../core/sources/scope.ts';
import type { Source } from '../core/sources/source.ts';
import { renderContent, type DesiredContent } from '../core/secret/managed-secret.ts';

/** A namespace as it is known from its watch, or from a GET. */
export interface Namespace extends NamespaceFacts {
  readonly uid: string;
  readonly deleting: boolean;
}

/** What every namespace's managed Secret should hold: a function of the sources and of the namespace itself. */
export interface DesiredState {
  /** Takes in a source as it is now; undefined: it is gone. Tells each namespace whose keyring may have changed. */
  setSource(name: string, source: Source | undefined): void;
  isEnabled(namespace: NamespaceFacts): boolean;
  keyring(namespace: NamespaceFacts): Keyring;
  content(namespace: NamespaceFacts): DesiredContent;
}

export interface DesiredStateOptions {
  readonly selector: LabelSelector;
  readonly excluded: ReadonlySet<string>;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly sha256: (text: string) => string;
  readonly onAffected: (namespace: string) => void;
}

export function createDesiredState(options: DesiredStateOptions): DesiredState {
  const sources = new Map<string, Source>();
  // Namespaces that see the same sources share one keyring object, so its content is rendered once for all of them.
  const contents = new WeakMap<Keyring, DesiredContent>();
  let keyrings: Keyrings | undefined;
  let previous: Keyrings | undefined;

  function current(): Keyrings {
    if (keyrings === undefined) {
      const inOrder = [...sources.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      keyrings = createKeyrings(inOrder, previous);
      previous = keyrings;
    }
    return keyrings;
  }

  function isEnabled(namespace: NamespaceFacts): boolean {
    return !options.excluded.has(namespace.name) && matchesSelector(options.selector, namespace.labels);
  }

  return {
    setSource: (name, source) => {
      const before = sources.get(name);
      if (source === undefined) sources.delete(name);
      else sources.set(name, source);
      keyrings = undefined;
      for (const namespace of options.namespaces.values()) {
        const reached =
          (before !== undefined && admits(before.scope, namespace) !== undefined) ||
          (source !== undefined && admits(source.scope, namespace) !== undefined);
        if (reached && isEnabled(namespace)) options.onAffected(namespace.name);
      }
    },
    isEnabled,
    keyring: (namespace) => current().for(namespace),
    content: (namespace) => {
      const keyring = current().for(namespace);
      let content = contents.get(keyring);
      if (content === undefined) {
        content = renderContent(keyring.entries, options.sha256);
        contents.set(keyring, content);
      }
      return content;
    },
  };
}
