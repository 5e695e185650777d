/**
 * The product's HTTPS side in a process of its own: server, decisions, keyring, log, metrics and Events are the product's;
 * only the API server is not there. Forked by fuzz.ts; says by message where it listens.
 */
import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { createAdmission } from '../../src/admission.ts';
import { excludedNamespaces } from '../../src/config.ts';
import { parseSelector } from '../../src/core/sources/label-selector.ts';
import { SERVER_LIMITS } from '../../src/http/limits.ts';
import { createOpsServer } from '../../src/http/ops.ts';
import { createWebhookServer } from '../../src/http/server.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { createEventRecorder } from '../../src/kube/events.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import { createNamespaceArrivals } from '../../src/kube/namespace-arrivals.ts';
import { createNamespaceLookup, type NamespaceRecord } from '../../src/kube/namespaces.ts';
import { readObjectMeta } from '../../src/kube/object-meta.ts';
import { readSourceSecret } from '../../src/kube/sources.ts';
import { systemClock } from '../../src/kube/system-clock.ts';
import { createDesiredState } from '../../src/reconcile/desired-state.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createReports } from '../../src/telemetry/reports.ts';
import { secureContextOptions } from '../../src/tls/secure-context.ts';
import { createDevelopmentCertificates } from '../certs/development.ts';
import type { ServerPorts } from './fuzz-server.ts';

const OWN_NAMESPACE = 'pullkeeper-system';
const SECRET_NAME = 'pullkeeper';

/** An API server that has no namespace but those below, and takes every Event. */
const client: Pick<KubeClient, 'call'> = {
  call: async ({ method }) => {
    if (method === 'GET') throw new KubeError(404, 'NotFound', 'there is none');
    return {};
  },
};

const namespaces = new Map(
  ['enabled', 'always', 'no'].map((inject): [string, NamespaceRecord] => {
    const name = inject === 'enabled' ? 'tom' : inject === 'always' ? 'eager' : 'nobody';
    return [name, { name, uid: name, deleting: false, labels: { 'pullkeeper.dev/inject': inject } }];
  }),
);

function readSource(object: unknown): ReturnType<typeof readSourceSecret> {
  return readSourceSecret(object, readObjectMeta(object));
}

async function serve(): Promise<ServerPorts> {
  const selector = parseSelector('pullkeeper.dev/inject in (enabled,always)');
  if (selector.kind === 'invalid') throw new Error(selector.sentence);
  const desired = createDesiredState({
    selector: selector.selector,
    excluded: excludedNamespaces(OWN_NAMESPACE),
    namespaces,
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    onAffected: () => undefined,
  });
  const registries = [
    'harbor.example.com',
    'harbor.example.com:8443/team/',
    '*.harbor.example.com',
    'ghcr.io/acme/',
    'quay.io',
    'https://index.docker.io/v1/',
  ];
  const auths = Object.fromEntries(registries.map((registry) => [registry, { username: 'u', password: 'p' }]));
  desired.setSource(
    'all',
    readSource({
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name: 'all', annotations: { 'pullkeeper.dev/namespaces': '*' } },
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
    }),
  );

  const clock = systemClock;
  const metrics = createMetrics();
  const logger = createLogger('trace', new Writable({ write: (_chunk, _encoding, done) => done() }));
  const events = createEventRecorder({
    client,
    instance: 'fuzz',
    clock,
    random: Math.random,
    signal: new AbortController().signal,
    onError: () => undefined,
  });
  const reports = createReports({
    logger,
    metrics,
    events,
    isLeading: () => true,
    ownNamespace: OWN_NAMESPACE,
    secretName: SECRET_NAME,
  });
  const { caPem, ...pair } = await createDevelopmentCertificates({ hosts: ['127.0.0.1'], days: 1 });
  const webhook = createWebhookServer({
    tls: secureContextOptions(pair),
    admission: createAdmission({
      secretName: SECRET_NAME,
      namespaces,
      lookup: createNamespaceLookup({ client, clock, isEnabled: (namespace) => desired.isEnabled(namespace) }),
      // No watch tells of any: waiting as long as the product would be for nothing.
      arrivals: createNamespaceArrivals(clock, { waitMs: 20, waiting: 500 }),
      desired,
      live: { get: () => undefined },
      ensure: async () => ({ kind: 'present' }),
      isStrictAccount: (_namespace, account) => account === 'strict',
    }),
    hasSynced: () => true,
    onOutcome: (report) =>
      reports.answered({ ...report, outcome: { ...report.outcome, warnings: report.outcome.answer.warnings ?? [] } }),
    judgeSource: readSource,
    onValidated: (code) => metrics.validations.inc({ code }),
    // What the answer to it says is what the fuzzer sees; this is for the person who then looks for it.
    onInternalError: (error) => console.error(error),
    onRefused: (_status, code) => metrics.refusedRequests.inc({ code }),
    isDraining: () => false,
    now: () => clock.now(),
    // Below the overload limit, on a machine that does other things as well.
    limits: { ...SERVER_LIMITS, turnMs: 60_000, largeBytes: 2 ** 30, largeBytesFromOne: 2 ** 30 },
  });
  const ops = createOpsServer({
    now: () => clock.now(),
    afterTurn: setImmediate,
    readiness: () => ({}),
    metrics: () => {
      // What is left is what is held.
      globalThis.gc?.();
      return metrics.render();
    },
  });
  await webhook.app.listen({ host: '127.0.0.1', port: 0 });
  await ops.listen({ host: '127.0.0.1', port: 0 });
  return { webhook: portOf(webhook.app.server.address()), ops: portOf(ops.server.address()), caPem };
}

function portOf(address: ReturnType<ReturnType<typeof createWebhookServer>['app']['server']['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

// Whoever forked it is gone: nobody asks any more.
process.on('disconnect', () => process.exit(0));
process.send?.(await serve());
