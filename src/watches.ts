import type { Config } from './config.ts';
import type { Clock, Random } from './core/clock.ts';
import type { LiveSecret } from './core/secret/managed-secret.ts';
import type { Source } from './core/sources/source.ts';
import type { KubeClient } from './kube/client.ts';
import type { KubeError } from './kube/kube-error.ts';
import { readNamespace, type NamespaceRecord } from './kube/namespaces.ts';
import { createReflector, type Reflector } from './kube/reflector.ts';
import { readLiveSecret, rememberHash } from './kube/secrets.ts';
import { readSourceSecret, SOURCE_TYPES } from './kube/sources.ts';
import { METADATA_ONLY, readStrictAccount, type StrictAccount } from './kube/strict-accounts.ts';
import { createTextPool } from './kube/text-pool.ts';
import type { Logger } from './telemetry/logger.ts';
import type { Metrics } from './telemetry/metrics.ts';

export interface WatchedSource {
  readonly uid: string;
  readonly source: Source;
}

/** Who is told of what changes. */
export interface ChangeHandlers {
  readonly namespace: (name: string, now: NamespaceRecord | undefined, previous: NamespaceRecord | undefined) => void;
  readonly source: (name: string, uid: string, source: Source | undefined) => void;
  readonly managed: (change: ManagedChange) => void;
  /** The managed Secrets were listed, and all changes told. */
  readonly managedListed: () => void;
  readonly strictAccount: (key: string) => void;
}

export interface ManagedChange {
  readonly namespace: string;
  readonly secret: LiveSecret | undefined;
  readonly previous: LiveSecret | undefined;
}

/** The watches that everything is decided from. */
export interface Watches {
  readonly namespaces: Reflector<NamespaceRecord>;
  readonly sources: readonly Reflector<WatchedSource>[];
  readonly managed: Reflector<LiveSecret>;
  readonly strictAccounts: Reflector<StrictAccount>;
  readonly all: readonly Reflector<unknown>[];
  /** Tells of every source as it is now. */
  eachSource(tell: (name: string, uid: string, source: Source) => void): void;
  /** Who is told of changes; set once, before anything runs. */
  onChange(handlers: ChangeHandlers): void;
}

/**
 * Namespaces that see the same sources have Secrets of the same hash and annotations: some hundreds of texts at once, and
 * twice as many while they change. Annotations have 240 KiB at most; what one Secret's have said before is held here too,
 * however often somebody changes them.
 */
const SHARED_TEXTS = { texts: 1000, characters: 8 * 2 ** 20 };

export interface WatchesOptions {
  readonly config: Pick<Config, 'namespace' | 'secretName'>;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly sha256: (content: Uint8Array) => string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function createWatches({ config, sha256, logger, metrics, ...options }: WatchesOptions): Watches {
  const shared = { client: options.client, clock: options.clock, random: options.random };
  let handlers: ChangeHandlers | undefined;
  const onError =
    (watch: string) =>
    (error: KubeError, next: string): void => {
      metrics.watchErrors.inc({ watch, reason: error.reason });
      logger.warn({ watch, reason: error.reason, error: error.message, next }, 'watch failed');
    };
  const namespaces = createReflector<NamespaceRecord>({
    ...shared,
    name: 'namespaces',
    path: '/api/v1/namespaces',
    keep: readNamespace,
    onChange: (change) =>
      handlers?.namespace(change.key, change.type === 'set' ? change.value : undefined, change.previous),
    onError: onError('namespaces'),
  });
  const sources: readonly Reflector<WatchedSource>[] = SOURCE_TYPES.map((type) =>
    createReflector<WatchedSource>({
      ...shared,
      name: `sources of type ${type}`,
      path: `/api/v1/namespaces/${encodeURIComponent(config.namespace)}/secrets`,
      fieldSelector: `type=${type}`,
      keep: (object, meta) => ({ uid: meta.uid, source: readSourceSecret(object, meta) }),
      onChange: (change) => {
        const name = nameIn(change.key);
        if (change.type === 'set') return handlers?.source(name, change.value.uid, change.value.source);
        // One that was made anew with the other type: that watch may have told of it before this one tells of the end.
        const other = sources.map(({ items }) => items.get(change.key)).find((found) => found !== undefined);
        if (other !== undefined) handlers?.source(name, other.uid, other.source);
        else handlers?.source(name, change.previous.uid, undefined);
      },
      onError: onError('sources'),
    }),
  );
  const share = createTextPool(SHARED_TEXTS);
  const hashOf = rememberHash(sha256);
  const managed = createReflector<LiveSecret>({
    ...shared,
    name: 'managed Secrets',
    path: '/api/v1/secrets',
    fieldSelector: `metadata.name=${config.secretName}`,
    keep: (object, meta) => readLiveSecret(object, meta, hashOf, share),
    onChange: (change) => {
      handlers?.managed({
        namespace: change.key.slice(0, change.key.indexOf('/')),
        secret: change.type === 'set' ? change.value : undefined,
        previous: change.previous,
      });
    },
    onListed: () => handlers?.managedListed(),
    onError: onError('managed Secrets'),
  });
  const strictAccounts = createReflector<StrictAccount>({
    ...shared,
    name: 'ServiceAccounts',
    path: '/api/v1/serviceaccounts',
    accept: METADATA_ONLY,
    keep: readStrictAccount,
    onChange: ({ type, key }) => {
      if (type === 'set') handlers?.strictAccount(key);
    },
    onError: onError('ServiceAccounts'),
  });
  const all = [namespaces, ...sources, managed, strictAccounts];
  options.client.onRecovery(() => {
    for (const watch of all) watch.hurry();
  });
  return {
    namespaces,
    sources,
    managed,
    strictAccounts,
    all,
    eachSource: (tell) => {
      for (const { items } of sources) for (const [key, { uid, source }] of items) tell(nameIn(key), uid, source);
    },
    onChange: (given) => {
      handlers = given;
    },
  };
}

/** The name in `namespace/name`. */
function nameIn(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}
