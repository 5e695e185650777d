import { KubeConfig } from '@kubernetes/client-node';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createAdmission } from './admission.ts';
import { excludedNamespaces, type Config } from './config.ts';
import type { LiveSecret } from './core/secret/managed-secret.ts';
import type { Source } from './core/sources/source.ts';
import { createOpsServer } from './http/ops.ts';
import { createWebhookServer, type OutcomeReport } from './http/server.ts';
import { createKubeClient, type KubeClient } from './kube/client.ts';
import { KubeError } from './kube/kube-error.ts';
import { createNamespaceLookup, readNamespace, type NamespaceRecord } from './kube/namespaces.ts';
import { createReflector, type Reflector, type ReflectorOptions } from './kube/reflector.ts';
import { createManagedSecrets, readLiveSecret } from './kube/secrets.ts';
import { readSourceSecret, SOURCE_TYPES } from './kube/sources.ts';
import { systemClock } from './kube/system-clock.ts';
import { createDesiredState } from './reconcile/desired-state.ts';
import { createLiveSecrets } from './reconcile/live-secrets.ts';
import { createQueue } from './reconcile/queue.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import type { Logger } from './telemetry/logger.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';

/** The running program. */
export interface App {
  readonly webhookAddress: AddressInfo;
  readonly opsAddress: AddressInfo;
  /** Resolves when every watch has had its first list and the namespaces are being worked on. */
  readonly ready: Promise<void>;
  /** Not ready, serve on for `drainMs`, close, in the reverse order of starting. */
  stop(drainMs: number): Promise<void>;
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Builds and starts the parts. Rejects when one cannot start: an address in use, a certificate or kubeconfig that is none. */
export async function startApp(config: Config, logger: Logger): Promise<App> {
  const metrics = createMetrics();
  const client = await createKubeClient(loadKubeConfig(config.kubeconfig), { userAgent: 'pullkeeper' });
  const lifetime = new AbortController();
  const shared = { client, clock: systemClock, random: Math.random };

  const watches = createWatches(config, shared, logger, metrics);
  const live = createLiveSecrets((namespace) => watches.managed.items.get(`${namespace}/${config.secretName}`));
  const desired = createDesiredState({
    selector: config.namespaceSelector,
    excluded: excludedNamespaces(config.namespace),
    namespaces: watches.namespaces.items,
    sha256,
    onAffected: (namespace) => queue.add(namespace),
  });
  const reconciler = createReconciler({
    desired,
    namespaces: watches.namespaces.items,
    live,
    writes: createManagedSecrets(client, config.secretName, sha256),
    clock: systemClock,
    onPlan: (namespace, plan) => {
      metrics.secretPlans.inc({ action: plan.action, code: plan.code });
      if (plan.action === 'leave') return;
      logger.info({ namespace, action: plan.action, code: plan.code, reason: plan.sentence }, 'managed Secret');
    },
  });
  const queue = createQueue({
    work: (namespace, signal) => reconciler.reconcile(namespace, signal),
    onError: (namespace, error) => {
      const reason = error instanceof KubeError ? error.reason : 'Unexpected';
      metrics.reconcileErrors.inc({ reason });
      logger.warn({ namespace, reason, error: messageOf(error) }, 'managed Secret could not be written');
    },
    concurrency: 16,
    backoff: { baseMs: 100, maxMs: 30_000 },
    clock: systemClock,
    random: Math.random,
  });
  watches.onChange({
    namespace: (name) => queue.add(name),
    source: (name, source) => {
      desired.setSource(name, source);
      reportSource(name, source, logger, metrics);
    },
    managed: (namespace, resourceVersion, secret) => {
      live.catchUp(namespace, resourceVersion, secret);
      queue.add(namespace);
    },
  });

  let draining = false;
  let synced = false;
  const admission = createAdmission({
    secretName: config.secretName,
    namespaces: watches.namespaces.items,
    lookup: createNamespaceLookup(client, systemClock),
    desired,
    reconciler,
  });
  const webhook = createWebhookServer({
    tls: {
      cert: await readFile(config.tlsCertFile),
      key: await readFile(config.tlsKeyFile),
      minVersion: 'TLSv1.2',
    },
    admission,
    hasSynced: () => synced,
    onOutcome: (report) => reportOutcome(report, logger, metrics),
    onInternalError: (error) => logger.error({ error: messageOf(error) }, 'request failed'),
    onRefused: (status, code) => {
      metrics.refusedRequests.inc({ code });
      logger.debug({ status, code }, 'request refused');
    },
    now: systemClock.now,
  });
  const ops = createOpsServer({
    readiness: () => ({ synced, serving: !draining }),
    metrics: () => {
      for (const watch of watches.all) {
        const health = watch.health();
        metrics.watchItems.set({ watch: watch.name }, health.items);
        if (health.lastEventAt !== undefined)
          metrics.watchLastEvent.set({ watch: watch.name }, health.lastEventAt / 1000);
      }
      metrics.queueDepth.set(queue.depth());
      return metrics.render();
    },
  });

  await ops.listen(toListen(config.opsListen));
  await webhook.listen(toListen(config.listen));
  const running: Promise<unknown>[] = watches.all.map((watch) => watch.run(lifetime.signal));
  const ready = Promise.all(watches.all.map((watch) => watch.synced)).then(() => {
    synced = true;
    running.push(queue.run(lifetime.signal));
    logger.info(
      {
        namespaces: watches.namespaces.items.size,
        sources: watches.sources.reduce((sum, { items }) => sum + items.size, 0),
        managedSecrets: watches.managed.items.size,
      },
      'synced',
    );
  });

  return {
    webhookAddress: addressOf(webhook.server.address()),
    opsAddress: addressOf(ops.server.address()),
    ready,
    stop: async (drainMs) => {
      draining = true;
      logger.info({ drainMs }, 'stopping');
      // Endpoints lag behind the Pod's end: new connections still come in for a while.
      await systemClock.sleep(drainMs, new AbortController().signal);
      await webhook.close();
      lifetime.abort();
      await Promise.all(running);
      await ops.close();
      await client.close();
      logger.info('stopped');
    },
  };
}

interface ChangeHandlers {
  readonly namespace: (name: string) => void;
  readonly source: (name: string, source: Source | undefined) => void;
  readonly managed: (namespace: string, resourceVersion: string, secret: LiveSecret | undefined) => void;
}

interface Watches {
  readonly namespaces: Reflector<NamespaceRecord>;
  readonly sources: readonly Reflector<Source>[];
  readonly managed: Reflector<LiveSecret>;
  readonly all: readonly Reflector<unknown>[];
  /** Who is told of changes; set once, before anything runs. */
  onChange(handlers: ChangeHandlers): void;
}

function createWatches(
  config: Config,
  shared: Pick<ReflectorOptions<unknown>, 'client' | 'clock' | 'random'> & { readonly client: KubeClient },
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

function reportOutcome(report: OutcomeReport, logger: Logger, metrics: Metrics): void {
  const { outcome } = report;
  metrics.reviews.inc({ decision: outcome.decision.code, secret: outcome.secret });
  metrics.reviewSeconds.observe(report.durationMs / 1000);
  logger.info(
    {
      uid: report.uid,
      namespace: report.namespace,
      pod: report.pod,
      action: outcome.decision.action,
      code: outcome.decision.code,
      reason: outcome.decision.sentence,
      secret: outcome.secret,
      ms: Math.round(report.durationMs * 100) / 100,
      ...(report.dryRun ? { dryRun: true } : {}),
    },
    'admission',
  );
}

function reportSource(name: string, source: Source | undefined, logger: Logger, metrics: Metrics): void {
  if (source === undefined) {
    metrics.sourceRefusals.remove({ source: name });
    logger.info({ source: name }, 'source removed');
    return;
  }
  metrics.sourceRefusals.set({ source: name }, source.refusals.length);
  logger.info({ source: name, scope: source.scope.kind, registries: source.entries.length }, 'source read');
  for (const { code, where, sentence } of source.refusals) {
    logger.warn({ source: name, code, where, reason: sentence }, 'source entry refused');
  }
}

function loadKubeConfig(file: string | undefined): KubeConfig {
  const kubeConfig = new KubeConfig();
  if (file === undefined) kubeConfig.loadFromCluster();
  else kubeConfig.loadFromFile(file);
  return kubeConfig;
}

function toListen({ host, port }: Config['listen']): { port: number; host: string } {
  return { port, host: host ?? '::' };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
