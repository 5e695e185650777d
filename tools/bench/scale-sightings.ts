import { HASH_ANNOTATION } from '../../src/core/secret/managed-secret.ts';
import type { PlainApi } from './scale-api.ts';

/** Changes that did not come. */
export class NotSeenError extends Error {
  override readonly name = 'NotSeenError';
}

/** Eyes on all Secrets of the cluster: a watch of their metadata, the same for the product's and the plain loop's. */
export interface Sightings {
  /** Resolves with the time (performance.now()) at which this Secret was first seen. */
  first(namespace: string, name: string): Promise<number>;
  /**
   * Resolves with the time at which this many Secrets of this name have been seen to change, each to another content than
   * it had when this was called; new ones count.
   */
  changes(name: string, namespaces: readonly string[]): Promise<number>;
}

const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** @param patienceMs a change that was not seen for this long is taken for one that never comes */
export async function watchSightings(api: PlainApi, patienceMs: number): Promise<Sightings> {
  const hashes = new Map<string, string>();
  const listeners = new Set<(key: string, at: number) => void>();
  await api.watch('/api/v1/secrets', METADATA, ({ type, object: { metadata } }) => {
    const key = `${metadata.namespace ?? ''}/${metadata.name}`;
    const hash = metadata.annotations?.[HASH_ANNOTATION] ?? '';
    if (type === 'DELETED') hashes.delete(key);
    else if (hashes.get(key) !== hash) {
      hashes.set(key, hash);
      const at = performance.now();
      for (const listener of listeners) listener(key, at);
    }
  });

  async function until(missing: Set<string>): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const listener = (key: string, at: number): void => {
      if (missing.delete(key) && missing.size === 0) resolve(at);
    };
    if (missing.size === 0) resolve(performance.now());
    listeners.add(listener);
    const timer = setTimeout(() => {
      const [one] = missing;
      reject(
        new NotSeenError(`${missing.size} Secrets did not change within ${patienceMs / 1000} s, ${one} among them`),
      );
    }, patienceMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      listeners.delete(listener);
    }
  }

  return {
    first: (namespace, name) => {
      const key = `${namespace}/${name}`;
      return until(hashes.has(key) ? new Set() : new Set([key]));
    },
    changes: (name, namespaces) => until(new Set(namespaces.map((namespace) => `${namespace}/${name}`))),
  };
}
