import { KubeConfig } from '@kubernetes/client-node';
import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createAdmission } from './admission.ts';
import { openCertificates, type Certificates } from './certificates.ts';
import { excludedNamespaces, type Config } from './config.ts';
import { createController, reasonOf, type Controller } from './controller.ts';
import { createElection } from './election.ts';
import { createKubeClient } from './kube/client.ts';
import { createEventRecorder } from './kube/events.ts';
import { createNamespaceArrivals } from './kube/namespace-arrivals.ts';
import { createNamespaceLookup } from './kube/namespaces.ts';
import { readObjectMeta } from './kube/object-meta.ts';
import { createManagedSecrets } from './kube/secrets.ts';
import { readSourceSecret } from './kube/sources.ts';
import { createStrictAccounts } from './kube/strict-accounts.ts';
import { systemClock } from './kube/system-clock.ts';
import { listenAt } from './listen.ts';
import { createOperations } from './operations.ts';
import { createDesiredState } from './reconcile/desired-state.ts';
import { createEnsure } from './reconcile/ensure.ts';
import { createFormerlyEnabled } from './reconcile/formerly-enabled.ts';
import { createLiveSecrets } from './reconcile/live-secrets.ts';
import { createCertificateReports } from './telemetry/certificate-reports.ts';
import type { Logger } from './telemetry/logger.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { createReports, type Reports } from './telemetry/reports.ts';
import { createWatches } from './watches.ts';
import { createWebhook } from './webhook.ts';

/** The running program. */
export interface App {
  /** Rejects when the webhook cannot be served after all: its address is in use, for one. */
  readonly failed: Promise<never>;
  /** Not ready, serve on for `drainMs`, close, in the reverse order of starting. */
  stop(drainMs: number): Promise<void>;
}

/** How long a Pod's answer waits for its Secret to be created. Webhooks have 3 s in all, and a GET may come before. */
const CREATE_MS = 800;
/**
 * Of Pods' Secrets. Where somebody's webhook does not answer they hang, and hold seats that the API server's priority and
 * fairness gives all replicas together: some 24 (flow-control.yaml), of which the leader may use 20.
 */
const CREATIONS = { most: 8, giveUpMs: 2000 };
/** The longest that a request under way may take: timeoutSeconds of the webhook configurations. */
const REQUEST_MS = 3000;
const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/**
 * Builds and starts the parts. The webhook listens as soon as there is a certificate; the first replica to manage its own
 * has to lead before it can issue one. Rejects when a part cannot start: a certificate file or kubeconfig is unusable.
 */
export async function startApp(config: Config, logger: Logger): Promise<App> {
  const clock = systemClock;
  const random = Math.random;
  const lifetime = new AbortController();
  const { signal } = lifetime;
  const ended = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
  const identity = `${hostname()}_${randomUUID()}`;
  const metrics = createMetrics();
  const client = await createKubeClient(loadKubeConfig(config.kubeconfig), { userAgent: 'pullkeeper' });

  const watches = createWatches({ config, client, clock, random, sha256, logger, metrics });
  const live = createLiveSecrets({
    get: (namespace) => watches.managed.items.get(`${namespace}/${config.secretName}`),
    version: () => watches.managed.version(),
  });
  const writes = createManagedSecrets(client, config.secretName, sha256);
  const desired = createDesiredState({
    selector: config.namespaceSelector,
    excluded: excludedNamespaces(config.namespace),
    namespaces: watches.namespaces.items,
    sha256,
    onAffected: (namespace) => controller.wake(namespace),
  });

  const formerlyEnabled = createFormerlyEnabled({
    isEnabled: (namespace) => desired.isEnabled(namespace),
    graceMs: config.removalGraceMs,
    clock,
  });

  const events = createEventRecorder({
    client,
    instance: identity,
    clock,
    random,
    signal,
    onError: (error) => logger.warn({ reason: reasonOf(error), error: messageOf(error) }, 'Event not sent'),
  });
  const election = createElection({
    client,
    config,
    identity,
    clock,
    random,
    logger,
    lead: async (leadership) => {
      // Only the leader sends a source's Events: those that were due while another one led may not have been sent.
      watches.eachSource((name, uid, source) => reports.source(name, uid, source));
      await Promise.all([controller.lead(leadership), certificates.lead(leadership)]);
    },
  });
  const reports: Reports = createReports({
    logger,
    metrics,
    events,
    isLeading: () => election.isLeading(),
    ownNamespace: config.namespace,
    secretName: config.secretName,
  });
  const nameNamespace = (name: string): { name: string; uid: string } => ({
    name,
    uid: watches.namespaces.items.get(name)?.uid ?? '',
  });
  const controller: Controller = createController({
    desired,
    namespaces: watches.namespaces.items,
    live,
    writes,
    removalGraceMs: config.removalGraceMs,
    wasEnabled: (namespace) => formerlyEnabled.has(namespace),
    clock,
    random,
    refresh: async (term) => {
      await Promise.all(watches.sources.map((watch) => watch.refresh(term)));
    },
    onPlan: (name, plan) => {
      const namespace = watches.namespaces.items.get(name);
      if (namespace !== undefined && desired.isEnabled(namespace)) reports.keyring(desired.keyring(namespace));
      reports.planned(nameNamespace(name), plan);
    },
    onError: (name, error) => reports.writeFailed(nameNamespace(name), reasonOf(error), messageOf(error)),
  });
  const strictAccounts = createStrictAccounts({
    client,
    secretName: config.secretName,
    strict: watches.strictAccounts.items,
    clock,
    random,
    signal,
  });
  const admission = createAdmission({
    secretName: config.secretName,
    namespaces: watches.namespaces.items,
    lookup: createNamespaceLookup({ client, clock, isEnabled: (namespace) => desired.isEnabled(namespace) }),
    arrivals: createNamespaceArrivals(clock),
    desired,
    live,
    ensure: createEnsure({ desired, live, writes, clock, timeoutMs: CREATE_MS, rememberFailureMs: 1000, ...CREATIONS }),
    isStrictAccount: (namespace, account) => strictAccounts.refuses(namespace, account),
  });
  watches.onChange({
    namespace: (name, now, previous) => {
      formerlyEnabled.changed(now, previous);
      admission.namespaceChanged(name);
      controller.wake(name);
    },
    source: (name, uid, source) => {
      desired.setSource(name, source);
      reports.source(name, uid, source);
    },
    managed: ({ namespace, secret, previous }) => {
      const known = watches.namespaces.items.get(namespace);
      const wanted = known !== undefined && !known.deleting && desired.isEnabled(known);
      if (secret === undefined && previous?.owned === true && wanted && !live.expectsGone(namespace, previous.uid)) {
        reports.deletedBySomebody(nameNamespace(namespace));
      }
      live.catchUp(namespace);
      controller.wake(namespace);
    },
    managedListed: () => {
      for (const namespace of live.overtaken()) controller.wake(namespace);
    },
    strictAccount: (key) => strictAccounts.changed(key),
  });

  const certificateReports = createCertificateReports({
    logger,
    metrics,
    events,
    namespace: () => nameNamespace(config.namespace),
  });
  const certificates: Certificates = await openCertificates({
    config,
    client,
    clock,
    random,
    reports: certificateReports,
    onWatchError: (watch, error, next) => {
      metrics.watchErrors.inc({ watch, reason: error.reason });
      logger.warn({ watch, reason: error.reason, error: error.message, next }, 'watch failed');
    },
  });
  let draining = false;
  let synced = false;
  const webhook = createWebhook({
    listen: config.listen,
    certificates,
    reports: certificateReports,
    logger,
    server: {
      admission,
      hasSynced: () => synced,
      onOutcome: (report) =>
        reports.answered({
          ...report,
          outcome: { ...report.outcome, warnings: report.outcome.answer.warnings ?? [] },
        }),
      judgeSource: (object) => readSourceSecret(object, readObjectMeta(object)),
      onValidated: (code) => metrics.validations.inc({ code }),
      onInternalError: (error) => logger.error({ error: messageOf(error) }, 'request failed'),
      onRefused: (status, code) => {
        metrics.refusedRequests.inc({ code });
        logger.debug({ status, code }, 'request refused');
      },
      isDraining: () => draining,
      now: () => clock.now(),
    },
  });
  const allWatches = [...watches.all, ...certificates.watches];
  const ops = createOperations({
    metrics,
    watches: allWatches,
    controller,
    events,
    certificates,
    certificateReports,
    hasSynced: () => synced,
    isServing: () => webhook.isListening() && !draining,
    load: () => webhook.load(),
    isLeading: () => election.isLeading(),
    wallTime: () => clock.wallTime(),
    now: () => clock.now(),
  });

  await listenAt(ops, config.opsListen);
  logger.info({ ops: ops.server.address() }, 'operations listening');
  const failed = Promise.withResolvers<never>();
  const running: Promise<unknown>[] = allWatches.map((watch) => watch.run(signal));
  running.push(webhook.serve().catch(failed.reject), work(), certificates.standIn(signal));

  async function work(): Promise<void> {
    await Promise.race([Promise.all(watches.all.map((watch) => watch.synced)), ended]);
    if (signal.aborted) return;
    synced = true;
    logger.info(
      {
        namespaces: watches.namespaces.items.size,
        sources: watches.sources.reduce((sum, { items }) => sum + items.size, 0),
        managedSecrets: watches.managed.items.size,
      },
      'synced',
    );
    await election.run(signal);
  }

  return {
    failed: failed.promise,
    stop: async (drainMs) => {
      draining = true;
      logger.info({ drainMs }, 'stopping');
      // Endpoints lag behind the Pod's end: new connections still come in for a while.
      if (webhook.isListening()) await clock.sleep(drainMs, signal);
      await webhook.close(drainMs > 0 ? REQUEST_MS : 0);
      lifetime.abort();
      await Promise.all(running);
      await certificates.source.stop();
      await ops.close();
      await client.close();
      logger.info('stopped');
    },
  };
}

function loadKubeConfig(file: string | undefined): KubeConfig {
  const kubeConfig = new KubeConfig();
  if (file === undefined) kubeConfig.loadFromCluster();
  else kubeConfig.loadFromFile(file);
  return kubeConfig;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
