import type { LiveConfiguration, RotationStore, StoredTlsSecret, WriteResult } from '../../src/tls/rotation-store.ts';
import { decodeTlsSecret, encodeTlsSecret, type HeldMaterial, type TlsSecret } from '../../src/tls/tls-secret.ts';

type StoreCall = 'readConfigurations' | 'readSecret' | 'writeSecret' | 'applyBundle';

/** An API server's part in this: objects with resource versions, and writes that are refused when theirs is stale. */
export interface MemoryCluster {
  readonly store: RotationStore;
  /** Runs around every call; what it throws is the call's failure, before or after its effect. */
  intercept: (call: StoreCall, when: 'before' | 'after') => void | Promise<void>;
  secret(): StoredTlsSecret | undefined;
  material(): HeldMaterial;
  putMaterial(change: Partial<HeldMaterial>): void;
  deleteSecret(): void;
  /** caBundle by webhook, as PEM. */
  bundles(): readonly string[];
  setBundle(kind: LiveConfiguration['kind'], pem: string): void;
  removeConfiguration(kind: LiveConfiguration['kind']): void;
  /** Called after every change of the Secret or a configuration. */
  onChange(listener: () => void): void;
}

export function createMemoryCluster(): MemoryCluster {
  let version = 0;
  let secret: StoredTlsSecret | undefined;
  let configurations: readonly LiveConfiguration[] = [
    { kind: 'mutating', name: 'pullkeeper', resourceVersion: '0', webhooks: [{ name: 'pods', caBundle: '' }] },
    { kind: 'validating', name: 'pullkeeper', resourceVersion: '0', webhooks: [{ name: 'sources', caBundle: '' }] },
  ];
  const listeners: (() => void)[] = [];

  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const put = (next: TlsSecret | undefined): void => {
    secret = next === undefined ? undefined : { ...next, resourceVersion: String(++version) };
    changed();
  };
  const setBundle = (kind: LiveConfiguration['kind'], caBundle: string): void => {
    configurations = configurations.map((configuration) =>
      configuration.kind === kind
        ? {
            ...configuration,
            resourceVersion: String(++version),
            webhooks: configuration.webhooks.map(({ name }) => ({ name, caBundle })),
          }
        : configuration,
    );
    changed();
  };

  const cluster: MemoryCluster = {
    store: {
      readConfigurations: (signal) => call('readConfigurations', signal, () => configurations),
      readSecret: (signal) => call('readSecret', signal, () => secret),
      writeSecret: (next, read, signal) =>
        call('writeSecret', signal, (): WriteResult => {
          if (read?.resourceVersion !== secret?.resourceVersion) return 'conflict';
          put(next);
          return 'written';
        }),
      applyBundle: (read, pem, signal) =>
        call('applyBundle', signal, (): WriteResult => {
          const live = configurations.find(({ kind }) => kind === read.kind);
          if (live?.resourceVersion !== read.resourceVersion) return 'conflict';
          setBundle(read.kind, pem);
          return 'written';
        }),
    },
    intercept: () => {},
    secret: () => secret,
    material: () => decodeTlsSecret(secret),
    putMaterial: (change) => put(encodeTlsSecret({ ...decodeTlsSecret(secret), ...change })),
    deleteSecret: () => put(undefined),
    bundles: () => configurations.flatMap(({ webhooks }) => webhooks.map(({ caBundle }) => caBundle)),
    setBundle,
    removeConfiguration: (kind) => {
      configurations = configurations.filter((configuration) => configuration.kind !== kind);
      changed();
    },
    onChange: (listener) => void listeners.push(listener),
  };

  async function call<T>(name: StoreCall, signal: AbortSignal, effect: () => T): Promise<T> {
    await cluster.intercept(name, 'before');
    signal.throwIfAborted();
    const result = effect();
    await cluster.intercept(name, 'after');
    return result;
  }

  return cluster;
}
