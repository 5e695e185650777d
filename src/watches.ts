import type { Config } from './config.ts';
import type { LiveSecret } from './core/secret/managed-secret.ts';
import type { Source } from './core/sources/source.ts';
import type { KubeClient } from './kube/client.ts';
import type { KubeError } from './kube/kube-error.ts';
import { readNamespace, type NamespaceRecord } from './kube/namespaces.ts';
import { createReflector, type Reflector, type ReflectorOptions } from './kube/reflector.ts';
import { readLiveSecret } from './kube/secrets.ts';
import { readSourceSecret, SOURCE_TYPES } from './kube/sources.ts';
import type { Logger } from './telemetry/logger.ts';
import type { Metrics } from './telemetry/metrics.ts';

/** Who is told of what changes. */
export interface ChangeHandlers {
  readonly namespace: (name: string) => void;
  readonly source: (name: string, source: Source | undefined) => void;
  readonly managed: (namespace: string, resourceVersion: string, secret: LiveSecret | undefined) => void;
}

/** The watches that everything is decided from. */
export interface Watches {
  readonly namespaces: Reflector<NamespaceRecord>;
  readonly sources: readonly Reflector<Source>[];
  readonly managed: Reflector<LiveSecret>;
  readonly all: readonly Reflector<unknown>[];
  /** Who is told of changes; set once, before anything runs. */
  onChange(handlers: ChangeHandlers): void;
}

export function createWatches(
  config: Config,
  shared: Pick<ReflectorOptions<unknown>, 'client' | 'clock' | 'random'> & { readonly client: KubeClient },
  sha256: (content: string | Uint8Array) => string,
  logger: Logger,
  metrics: Metrics,
): Watches {
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
    onChange: ({ key }) => handlers?.namespace(key),
    onError: onError('namespaces'),
  });
  const sources = SOURCE_TYPES.map((type) =>
    createReflector<Source>({
      ...shared,
      name: `sources of type ${type}`,
      path: `/api/v1/namespaces/${encodeURIComponent(config.namespace)}/secrets`,
      fieldSelector: `type=${type}`,
      keep: readSourceSecret,
      onChange: (change) => {
        const name = change.key.slice(change.key.indexOf('/') + 1);
        handlers?.source(name, change.type === 'set' ? change.value : undefined);
      },
      onError: onError('sources'),
    }),
  );
  const managed = createReflector<LiveSecret>({
    ...shared,
    name: 'managed Secrets',
    path: '/api/v1/secrets',
    fieldSelector: `metadata.name=${config.secretName}`,
    keep: (object, meta) => readLiveSecret(object, meta, sha256),
    onChange: (change) => {
      const namespace = change.key.slice(0, change.key.indexOf('/'));
      handlers?.managed(namespace, change.resourceVersion, change.type === 'set' ? change.value : undefined);
    },
    onError: onError('managed Secrets'),
  });
  return {
    namespaces,
    sources,
    managed,
    all: [namespaces, ...sources, managed],
    onChange: (given) => {
      handlers = given;
    },
  };
}
