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
  /**
   * Namespaces of whose Secret we knew something that the watch has gone past without a word: a list tells nothing of what
   * was made and deleted since the one before. They are to be looked at.
   */
  overtaken(): readonly string[];
}

type Own =
  /** `toldAt`: how far the watch was then. */
  | { readonly kind: 'is'; readonly secret: LiveSecret; readonly toldAt: string | undefined }
  | { readonly kind: 'gone'; readonly uid: string };

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
 * | it is so, at version v       | is back behind where it was     | the watch's |
 * | the one of this uid is gone  | has the one of this uid         | ours        |
 * | the one of this uid is gone  | has it, as being deleted        | the watch's |
 * | the one of this uid is gone  | has another one, or none        | the watch's |
 *
 * In each row in which ours counts, an event or a list is still to come that ends it: what we know ourselves never stays for
 * good. The watch goes back where etcd was restored from a backup; a Secret that we deleted is being deleted where a
 * finalizer holds it.
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
    if (known.kind === 'gone') {
      const seen = watched.get(namespace);
      return seen?.uid === known.uid && !seen.deleting;
    }
    const told = watched.version();
    if (told === undefined) return true;
    const isBack = known.toldAt !== undefined && isLater(known.toldAt, told);
    return !isBack && isLater(known.secret.resourceVersion, told);
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
      observe(namespace, { kind: 'is', secret, toldAt: watched.version() });
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
    overtaken: () => [...ahead.keys()].filter((namespace) => own(namespace) === undefined),
  };
}
