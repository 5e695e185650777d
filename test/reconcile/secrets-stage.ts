import type { DesiredContent, LiveSecret } from '../../src/core/secret/managed-secret.ts';
import type { SecretWrites } from '../../src/reconcile/secret-writes.ts';

/** An error as kube/client.ts throws it. */
export class ApiError extends Error {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, message = `status ${status}`, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

interface Stored {
  readonly secret: LiveSecret;
  readonly entries: ReadonlyMap<string, { readonly username: string; readonly password: string }>;
}

/** The API server's side of the managed Secrets: preconditions as the real one has them, and failures on demand. */
export interface SecretsStage {
  readonly writes: SecretWrites;
  /** What was asked for, in order: `create tom`, … */
  readonly calls: string[];
  /** Told of each call before it is answered. */
  readonly onCall: (listener: (call: string) => void) => void;
  /** Namespaces whose Secret a finalizer holds: deleted, it is being deleted. */
  readonly held: Set<string>;
  /** Thrown by the next calls, in order; undefined: no error. */
  readonly failures: (Error | undefined)[];
  readonly get: (namespace: string) => LiveSecret | undefined;
  /** The resourceVersion of the last change. */
  readonly version: () => string;
  /** Somebody else's doing. */
  readonly put: (namespace: string, secret: Partial<LiveSecret>, entries?: Record<string, string>) => LiveSecret;
  readonly remove: (namespace: string) => void;
}

export function createSecretsStage(): SecretsStage {
  const stored = new Map<string, Stored>();
  const calls: string[] = [];
  const failures: (Error | undefined)[] = [];
  const held = new Set<string>();
  let listen = (_call: string): void => undefined;
  let version = 0;

  async function call(what: string): Promise<void> {
    calls.push(what);
    listen(what);
    await Promise.resolve();
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
  }

  function store(
    namespace: string,
    secret: Omit<LiveSecret, 'resourceVersion'>,
    entries: Stored['entries'],
  ): LiveSecret {
    version += 1;
    const next = { ...secret, resourceVersion: String(version) };
    stored.set(namespace, { secret: next, entries });
    return next;
  }

  const readEntries = (content: DesiredContent): Stored['entries'] => {
    const { auths } = JSON.parse(content.dockerConfig) as {
      auths: Record<string, { username: string; password: string }>;
    };
    return new Map(Object.entries(auths));
  };

  const written = (content: DesiredContent, uid: string): Omit<LiveSecret, 'resourceVersion'> => ({
    uid,
    owned: true,
    type: 'kubernetes.io/dockerconfigjson',
    immutable: false,
    deleting: false,
    contentHash: content.hash,
    hashAnnotation: content.hash,
    sourcesAnnotation: content.sources,
  });

  function check(namespace: string, seen: LiveSecret): void {
    const found = stored.get(namespace)?.secret;
    if (found?.uid !== seen.uid || found.resourceVersion !== seen.resourceVersion) throw new ApiError(409);
  }

  return {
    calls,
    failures,
    held,
    onCall: (listener) => {
      listen = listener;
    },
    get: (namespace) => stored.get(namespace)?.secret,
    version: () => String(version),
    put: (namespace, secret, entries = {}) => {
      const blank = written({ dockerConfig: '', hash: '', sources: '{}', excess: undefined }, `u${version}`);
      const credentials = Object.entries(entries).map(([key, password]) => [key, { username: 'u', password }] as const);
      return store(namespace, { ...blank, ...stored.get(namespace)?.secret, ...secret }, new Map(credentials));
    },
    remove: (namespace) => {
      version += 1;
      stored.delete(namespace);
    },
    writes: {
      get: async (namespace) => {
        await call(`get ${namespace}`);
        return stored.get(namespace)?.secret;
      },
      readEntries: async (namespace) => {
        await call(`read ${namespace}`);
        const found = stored.get(namespace);
        return found && { secret: found.secret, find: (key) => found.entries.get(key) };
      },
      create: async (namespace, content) => {
        await call(`create ${namespace}`);
        if (stored.has(namespace)) throw new ApiError(409);
        return store(namespace, written(content, `u${version}`), readEntries(content));
      },
      update: async (namespace, content, seen) => {
        await call(`update ${namespace}`);
        check(namespace, seen);
        return store(namespace, written(content, seen.uid), readEntries(content));
      },
      delete: async (namespace, seen) => {
        await call(`delete ${namespace}`);
        if (!stored.has(namespace)) throw new ApiError(404);
        check(namespace, seen);
        if (held.has(namespace)) store(namespace, { ...seen, deleting: true }, new Map());
        else stored.delete(namespace);
      },
    },
  };
}
