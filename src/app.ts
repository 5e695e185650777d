import { KubeConfig } from '@kubernetes/client-node';
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAdmission } from './admission.ts';
import { excludedNamespaces, type Config } from './config.ts';
import { createOpsServer } from './http/ops.ts';
import { createWebhookServer } from './http/server.ts';
import { createKubeClient } from './kube/client.ts';
import { KubeError } from './kube/kube-error.ts';
import { createNamespaceLookup } from './kube/namespaces.ts';
import { readObjectMeta } from './kube/object-meta.ts';
import { readSourceSecret } from './kube/sources.ts';
import { createManagedSecrets } from './kube/secrets.ts';
import { systemClock } from './kube/system-clock.ts';
import { createDesiredState } from './reconcile/desired-state.ts';
import { createLiveSecrets } from './reconcile/live-secrets.ts';
import { createQueue } from './reconcile/queue.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import { reportOutcome, reportSource } from './telemetry/reports.ts';
import type { Logger } from './telemetry/logger.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { openCertificateFiles } from './tls/certificate-files.ts';
import { readCertificateReadiness } from './tls/certificate-source.ts';
import { secureContextOptions } from './tls/secure-context.ts';
import { createWatches } from './watches.ts';

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

  const watches = createWatches(config, shared, sha256, logger, metrics);
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

  const certificates = await openCertificateFiles({
    certFile: config.tlsCertFile,
    keyFile: config.tlsKeyFile,
    clock: systemClock,
    onProblem: ({ code, sentence }) => logger.error({ code, reason: sentence }, 'certificate refused'),
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
    tls: secureContextOptions(certificates.current()),
    admission,
    hasSynced: () => synced,
    onOutcome: (report) => reportOutcome(report, logger, metrics),
    judgeSource: (object) => readSourceSecret(object, readObjectMeta(object)),
    onValidated: (code) => metrics.validations.inc({ code }),
    onInternalError: (error) => logger.error({ error: messageOf(error) }, 'request failed'),
    onRefused: (status, code) => {
      metrics.refusedRequests.inc({ code });
      logger.debug({ status, code }, 'request refused');
    },
    now: () => systemClock.now(),
  });
  certificates.onChange((certificate) => {
    webhook.server.setSecureContext(secureContextOptions(certificate));
    logger.info({ fingerprint: certificate.fingerprint, notAfter: certificate.notAfter }, 'certificate changed');
  });
  const ops = createOpsServer({
    readiness: () => ({
      synced,
      certificate: readCertificateReadiness(certificates.health(), new Date(systemClock.wallTime())).ready,
      serving: !draining,
    }),
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
