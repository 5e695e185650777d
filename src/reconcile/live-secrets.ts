import { isLater } from '../core/resource-version.ts';
import type { LiveSecret } from '../core/secret/managed-secret.ts';

/** What is known of each namespace's managed Secret: the watch's word, and our own writes that the watch has not told yet. */
export interface LiveSecrets {
  get(namespace: string): LiveSecret | undefined;
  /** We wrote or read it ourselves. */
  observe(namespace: string, secret: LiveSecret): void;
  /** We deleted it, or found it gone. */
  observeGone(namespace: string, uid: string | undefined): void;
  /** Whether a deletion of this Secret is our own doing. */
  expectsGone(namespace: string, uid: string): boolean;
  /** The watch told that it is like this now, or (undefined) that it was deleted, at `resourceVersion`. */
  catchUp(namespace: string, resourceVersion: string, secret: LiveSecret | undefined): void;
}

type Own = { readonly kind: 'is'; readonly secret: LiveSecret } | { readonly kind: 'gone'; readonly uid: string };

/** @param watched what the watch of the managed Secrets holds, by namespace */
export function createLiveSecrets(watched: (namespace: string) => LiveSecret | undefined): LiveSecrets {
  /** Only what is ahead of the watch: it empties itself as events come in. */
  const ahead = new Map<string, Own>();

  return {
    get: (namespace) => {
      const own = ahead.get(namespace);
      if (own === undefined) return watched(namespace);
      return own.kind === 'is' ? own.secret : undefined;
    },
    observe: (namespace, secret) => {
      const known = watched(namespace);
      if (known === undefined || isLater(secret.resourceVersion, known.resourceVersion)) {
        ahead.set(namespace, { kind: 'is', secret });
      }
    },
    observeGone: (namespace, uid) => {
      const gone = uid ?? watched(namespace)?.uid;
      if (gone === undefined) ahead.delete(namespace);
      else ahead.set(namespace, { kind: 'gone', uid: gone });
    },
    expectsGone: (namespace, uid) => {
      const own = ahead.get(namespace);
      return own?.kind === 'gone' ? own.uid === uid : own !== undefined && own.secret.uid !== uid;
    },
    catchUp: (namespace, resourceVersion, secret) => {
      const own = ahead.get(namespace);
      if (own === undefined) return;
      const caughtUp =
        own.kind === 'is'
          ? !isLater(own.secret.resourceVersion, resourceVersion)
          : secret === undefined || secret.uid !== own.uid;
      if (caughtUp) ahead.delete(namespace);
    },
  };
}
