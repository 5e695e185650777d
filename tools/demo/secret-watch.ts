import { once } from 'node:events';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import type { IncomingMessage } from 'node:http';
import type { Access } from '../cluster/kubeconfig.ts';
import type { SecretObject } from './credentials.ts';

/** One watch over all Secrets of the cluster: whatever becomes of one is seen at once, without asking again and again. */
export interface SecretWatch extends Disposable {
  /** Waits until a Secret is like this, and tells whether it came to be in time. */
  until(namespace: string, name: string, holds: (secret: SecretObject) => boolean): Promise<boolean>;
}

/** The product needs milliseconds; ten seconds are for a machine that does much else. */
export const PATIENCE_MS = 10_000;

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: SecretObject;
}

/** Resolves when the API server has accepted the watch: no change after that is missed. */
export async function watchSecrets(access: Access, signal: AbortSignal): Promise<SecretWatch> {
  const call = request(new URL('/api/v1/secrets?watch=true', access.server), {
    ca: access.caPem,
    headers: { authorization: `Bearer ${access.token}` },
    agent: false,
    ...(access.socketPath === undefined ? {} : { socketPath: access.socketPath }),
    signal,
  });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`the watch of Secrets was answered with ${response.statusCode}`);

  const latest = new Map<string, SecretObject>();
  const listeners = new Set<() => void>();
  const lines = createInterface({ input: response });
  lines.on('line', (line) => {
    const { type, object } = JSON.parse(line) as WatchEvent;
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    if (type === 'DELETED') latest.delete(key);
    else latest.set(key, object);
    for (const listener of listeners) listener();
  });
  // A connection that ends is seen as a change that does not come.
  for (const emitter of [call, response, lines]) emitter.on('error', () => undefined);

  return {
    until: async (namespace, name, holds) => {
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      function look(): void {
        const secret = latest.get(`${namespace}/${name}`);
        if (secret !== undefined && holds(secret)) resolve(true);
      }
      const timer = setTimeout(resolve, PATIENCE_MS, false);
      const interrupt = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', interrupt, { once: true });
      listeners.add(look);
      look();
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', interrupt);
        listeners.delete(look);
      }
    },
    [Symbol.dispose]: () => void call.destroy(),
  };
}
