import { isLater } from '../core/resource-version.ts';
import type { LiveSecret } from '../core/secret/managed-secret.ts';

/** What is known of each namespace's managed Secret: the watch's word, and our own writes that the watch has not told yet. */
export interface LiveSecrets {
  get(namespace: string): LiveSecret | undefined;
  /** We wrote or read it ourselves. */
  observe(namespace: string, secret: LiveSecret): void;
  /** We found it gone. */
  observeGone(namespace: string, uid: string | undefined): void;
  /** Runs our own deletion of this Secret; resolves or rejects as `work` does, and observes it gone where it resolves. */
  whileDeleting(namespace: string, uid: string, work: () => Promise<void>): Promise<void>;
  /** Whether a deletion of this Secret is our own doing. */
  expectsGone(namespace: string, uid: string): boolean;
  /** The watch told something of this namespace's Secret. */
  catchUp(namespace: string): void;
}

type Own = { readonly kind: 'is'; readonly secret: LiveSecret } | { readonly kind: 'gone'; readonly uid: string };

/** The watch of the managed Secrets. */
export interface WatchedSecrets {
  get(namespace: string): LiveSecret | undefined;
  /** The resourceVersion up to which everything has been told; undefined before the first list. */
  version(): string | undefined;
}

/**
 * | what we know ourselves       | the watch                       | what counts |
 * |------------------------------|---------------------------------|-------------|
 * | it is so, at version v       | has not told as far as v        | ours        |
 * | it is so, at version v       | has told v or later             | the watch's |
 * | the one of this uid is gone  | has the one of this uid         | ours        |
 * | the one of this uid is gone  | has another one, or none        | the watch's |
 *
 * In each row in which ours counts, an event is still to come that ends it: what we know ourselves never stays for good.
 */
export function createLiveSecrets(watched: WatchedSecrets): LiveSecrets {
  const ahead = new Map<string, Own>();
  const doomed = new Map<string, string>();

  /** What we know ourselves, as long as it counts. */
  function own(namespace: string): Own | undefined {
    const known = ahead.get(namespace);
    if (known === undefined || counts(namespace, known)) return known;
    ahead.delete(namespace);
    return undefined;
  }

  function counts(namespace: string, known: Own): boolean {
    if (known.kind === 'gone') return watched.get(namespace)?.uid === known.uid;
    const told = watched.version();
    return told === undefined || isLater(known.secret.resourceVersion, told);
  }

  function observe(namespace: string, known: Own): void {
    if (counts(namespace, known)) ahead.set(namespace, known);
  }

  return {
    get: (namespace) => {
      const known = own(namespace);
      if (known === undefined) return watched.get(namespace);
      return known.kind === 'is' ? known.secret : undefined;
    },
    observe: (namespace, secret) => {
      const known = own(namespace);
      if (known?.kind === 'is' && isLater(known.secret.resourceVersion, secret.resourceVersion)) return;
      observe(namespace, { kind: 'is', secret });
    },
    observeGone: (namespace, uid) => {
      ahead.delete(namespace);
      const gone = uid ?? watched.get(namespace)?.uid;
      if (gone !== undefined) observe(namespace, { kind: 'gone', uid: gone });
    },
    whileDeleting: async (namespace, uid, work) => {
      doomed.set(namespace, uid);
      try {
        await work();
        ahead.delete(namespace);
        observe(namespace, { kind: 'gone', uid });
      } finally {
        doomed.delete(namespace);
      }
    },
    expectsGone: (namespace, uid) => {
      if (doomed.get(namespace) === uid) return true;
      const known = ahead.get(namespace);
      return known?.kind === 'gone' ? known.uid === uid : known !== undefined && known.secret.uid !== uid;
    },
    catchUp: (namespace) => void own(namespace),
  };
}
