import { KubeConfig } from '@kubernetes/client-node';
import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AddressInfo } from 'node:net';
import { createAdmission } from './admission.ts';
import { excludedNamespaces, type Config } from './config.ts';
import { createController, reasonOf, type Controller } from './controller.ts';
import { createOpsServer } from './http/ops.ts';
import { createWebhookServer } from './http/server.ts';
import { createKubeClient } from './kube/client.ts';
import { createEventRecorder } from './kube/events.ts';
import { runLeaderElection } from './kube/leader.ts';
import { createNamespaceLookup } from './kube/namespaces.ts';
import { readObjectMeta } from './kube/object-meta.ts';
import { createManagedSecrets } from './kube/secrets.ts';
import { readSourceSecret } from './kube/sources.ts';
import { createStrictAccounts } from './kube/strict-accounts.ts';
import { systemClock } from './kube/system-clock.ts';
import { createDesiredState } from './reconcile/desired-state.ts';
import { createEnsure } from './reconcile/ensure.ts';
import { createLiveSecrets } from './reconcile/live-secrets.ts';
import type { Logger } from './telemetry/logger.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { createReports } from './telemetry/reports.ts';
import { openCertificateFiles } from './tls/certificate-files.ts';
import { readCertificateReadiness } from './tls/certificate-source.ts';
import { secureContextOptions } from './tls/secure-context.ts';
import { createWatches } from './watches.ts';

/** The running program. */
export interface App {
  readonly webhookAddress: AddressInfo;
  readonly opsAddress: AddressInfo;
  /** Not ready, serve on for `drainMs`, close, in the reverse order of starting. */
  stop(drainMs: number): Promise<void>;
}

const LEASE_NAME = 'pullkeeper';
/** A Secret is created before the Pod is answered within this long: webhooks have 3 s, and a GET may come before. */
const CREATE_MS = 800;
/** The longest that a request under way may take: timeoutSeconds of the webhook configurations. */
const REQUEST_MS = 3000;
const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Builds and starts the parts. Rejects when one cannot start: an address in use, a certificate or kubeconfig that is none. */
export async function startApp(config: Config, logger: Logger): Promise<App> {
  const clock = systemClock;
  const random = Math.random;
  const lifetime = new AbortController();
  const { signal } = lifetime;
  const identity = `${hostname()}_${randomUUID()}`;
  const metrics = createMetrics();
  const client = await createKubeClient(loadKubeConfig(config.kubeconfig), { userAgent: 'pullkeeper' });

  const watches = createWatches(config, { client, clock, random }, sha256, logger, metrics);
  const live = createLiveSecrets((namespace) => watches.managed.items.get(`${namespace}/${config.secretName}`));
  const writes = createManagedSecrets(client, config.secretName, sha256);
  const desired = createDesiredState({
    selector: config.namespaceSelector,
    excluded: excludedNamespaces(config.namespace),
    namespaces: watches.namespaces.items,
    sha256,
    onAffected: (namespace) => controller.wake(namespace),
  });

  let leading = false;
  const events = createEventRecorder({
    client,
    instance: identity,
    clock,
    random,
    signal,
    onError: (error) => logger.warn({ reason: reasonOf(error), error: messageOf(error) }, 'Event not sent'),
  });
  const reports = createReports({
    logger,
    metrics,
    events,
    isLeading: () => leading,
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
    namespacesWithSecret: () => [...watches.managed.items.keys()].map((key) => key.slice(0, key.indexOf('/'))),
    live,
    writes,
    removalGraceMs: config.removalGraceMs,
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
  watches.onChange({
    namespace: (name) => controller.wake(name),
    source: (name, uid, source) => {
      desired.setSource(name, source);
      reports.source(name, uid, source);
    },
    managed: ({ namespace, resourceVersion, secret, previous }) => {
      const known = watches.namespaces.items.get(namespace);
      const wanted = known !== undefined && !known.deleting && desired.isEnabled(known);
      if (secret === undefined && previous?.owned === true && wanted && !live.expectsGone(namespace, previous.uid)) {
        reports.deletedBySomebody(nameNamespace(namespace));
      }
      live.catchUp(namespace, resourceVersion, secret);
      controller.wake(namespace);
    },
    strictAccount: (key) => strictAccounts.changed(key),
  });

  const certificates = await openCertificateFiles({
    certFile: config.tlsCertFile,
    keyFile: config.tlsKeyFile,
    clock,
    onProblem: ({ code, sentence }) => logger.error({ code, reason: sentence }, 'certificate refused'),
  });
  let draining = false;
  let synced = false;
  const webhook = createWebhookServer({
    tls: secureContextOptions(certificates.current()),
    admission: createAdmission({
      secretName: config.secretName,
      namespaces: watches.namespaces.items,
      lookup: createNamespaceLookup(client, clock),
      desired,
      live,
      ensure: createEnsure({ desired, live, writes, clock, timeoutMs: CREATE_MS, rememberFailureMs: 1000 }),
      isStrictAccount: (namespace, account) => strictAccounts.refuses(namespace, account),
    }),
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
  });
  certificates.onChange((certificate) => {
    webhook.app.server.setSecureContext(secureContextOptions(certificate));
    logger.info({ fingerprint: certificate.fingerprint, notAfter: certificate.notAfter }, 'certificate changed');
  });
  const ops = createOpsServer({
    readiness: () => ({
      synced,
      certificate: readCertificateReadiness(certificates.health(), new Date(clock.wallTime())).ready,
      serving: !draining,
    }),
    metrics: () => {
      for (const watch of watches.all) {
        const { items, lastEventAt } = watch.health();
        metrics.watchItems.set({ watch: watch.name }, items);
        if (lastEventAt !== undefined) metrics.watchLastEvent.set({ watch: watch.name }, lastEventAt / 1000);
      }
      metrics.queueDepth.set(controller.queueDepth());
      metrics.retrying.set(controller.retrying());
      metrics.leading.set(leading ? 1 : 0);
      const { repeated, excess } = events.dropped();
      metrics.eventsDropped.set({ reason: 'repeated' }, repeated);
      metrics.eventsDropped.set({ reason: 'excess' }, excess);
      return metrics.render();
    },
  });

  await ops.listen(toListen(config.opsListen));
  await webhook.app.listen(toListen(config.listen));
  const running: Promise<unknown>[] = watches.all.map((watch) => watch.run(signal));
  running.push(work());

  async function work(): Promise<void> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([Promise.all(watches.all.map((watch) => watch.synced)), aborted]);
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
    await runLeaderElection({
      client,
      namespace: config.namespace,
      leaseName: LEASE_NAME,
      identity,
      durations: config.lease,
      clock,
      random,
      signal,
      onStartedLeading: async (leadership) => {
        leading = true;
        logger.info({ identity }, 'leading');
        for (const watch of watches.sources) {
          for (const [key, { uid, source }] of watch.items)
            reports.source(key.slice(key.indexOf('/') + 1), uid, source);
        }
        await controller.lead(leadership);
      },
      onStoppedLeading: ({ code, sentence }) => {
        leading = false;
        logger.info({ code, reason: sentence }, 'no longer leading');
      },
      onTrouble: ({ code, sentence }) => logger.warn({ code, reason: sentence }, 'leader election'),
    });
  }

  return {
    webhookAddress: addressOf(webhook.app.server.address()),
    opsAddress: addressOf(ops.server.address()),
    stop: async (drainMs) => {
      draining = true;
      logger.info({ drainMs }, 'stopping');
      // Endpoints lag behind the Pod's end: new connections still come in for a while.
      await clock.sleep(drainMs, signal);
      await webhook.close(drainMs > 0 ? REQUEST_MS : 0);
      lifetime.abort();
      await Promise.all(running);
      await certificates.stop();
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
