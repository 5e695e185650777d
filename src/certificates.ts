import type { Config } from './config.ts';
import type { Clock, Random } from './core/clock.ts';
import type { KubeClient } from './kube/client.ts';
import type { KubeError } from './kube/kube-error.ts';
import { createReflector, type Reflector, type ReflectorOptions } from './kube/reflector.ts';
import {
  CONFIGURATION_KINDS,
  createWebhookCertificates,
  readSecretData,
  readWebhookTrust,
  type ConfigurationKind,
  type WebhookTrust,
} from './kube/webhook-certificates.ts';
import type { CertificateReports } from './telemetry/certificate-reports.ts';
import { openCertificateFiles } from './tls/certificate-files.ts';
import type { CertificateProblem } from './tls/certificate-problem.ts';
import type { CertificateSource } from './tls/certificate-source.ts';
import { listServiceNames } from './tls/issue.ts';
import { createSecretSource } from './tls/secret-source.ts';
import { createSelfManaged, type Term } from './tls/self-managed.ts';
import type { ServingCertificate } from './tls/serving-certificate.ts';
import { LEAF_ENTRIES } from './tls/tls-secret.ts';

/** The shipped manifests' names: RBAC and the policies know them too. */
const SERVICE_NAME = 'pullkeeper';
const SECRET_NAME = 'pullkeeper-tls';
const CONFIGURATION_NAME = 'pullkeeper';

/** The webhook's certificate, from wherever it comes. */
export interface Certificates {
  readonly source: CertificateSource;
  /** Pending until there is a good certificate to serve. */
  readonly first: Promise<ServingCertificate>;
  /** The watches behind it. They are to be run, but readiness must not wait for them: a first start has nothing to list. */
  readonly watches: readonly Reflector<unknown>[];
  /** The leader's part in it. Resolves when the term ends, or when there is nothing to do. */
  lead(term: Term): Promise<void>;
  /**
   * Does the leader's part without leading, once a replica has waited for a certificate for a whole lease duration. The
   * leader may be a replica from before an upgrade, which was given files and issues nothing. Two replicas that do this at
   * once do no harm: each write applies only to the version that was read. Resolves when there is a certificate, or the
   * signal aborts.
   */
  standIn(signal: AbortSignal): Promise<void>;
}

export interface CertificatesOptions {
  readonly config: Pick<Config, 'certificate' | 'namespace' | 'lease'>;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly reports: CertificateReports;
  readonly onWatchError: (watch: string, error: KubeError, next: string) => void;
}

/** Rejects with a CertificateError when files are given that cannot be served from now. */
export async function openCertificates(options: CertificatesOptions): Promise<Certificates> {
  const { certificate } = options.config;
  return certificate.mode === 'files' ? followFiles(certificate, options) : manageOwn(certificate, options);
}

async function followFiles(
  { certFile, keyFile }: Extract<Config['certificate'], { mode: 'files' }>,
  { clock, reports }: CertificatesOptions,
): Promise<Certificates> {
  const onProblem = (problem: CertificateProblem): void => reports.refused(problem, true);
  const files = await openCertificateFiles({ certFile, keyFile, clock, onProblem });
  const first = Promise.resolve(files.current());
  return { source: files, first, watches: [], lead: async () => {}, standIn: async () => {} };
}

function manageOwn(
  { durations, extraNames }: Extract<Config['certificate'], { mode: 'self-managed' }>,
  options: CertificatesOptions,
): Certificates {
  const { client, clock, random, reports } = options;
  const { namespace } = options.config;
  const [serverName = '', ...otherNames] = listServiceNames(SERVICE_NAME, namespace);
  const source = createSecretSource({
    secretKey: `${namespace}/${SECRET_NAME}`,
    serverName,
    clock,
    settleMs: durations.settleMs,
    onProblem: (problem) => reports.refused(problem, source.current() !== undefined),
  });
  const rotation = createSelfManaged({
    store: createWebhookCertificates({
      client,
      namespace,
      secretName: SECRET_NAME,
      configurationName: CONFIGURATION_NAME,
    }),
    names: [serverName, ...otherNames, ...extraNames],
    durations,
    clock,
    random,
    onStep: (step) => reports.step(step),
    onTrouble: (trouble) => reports.trouble(trouble),
  });

  function watch<Kept>(
    name: string,
    of: Pick<ReflectorOptions<Kept>, 'path' | 'fieldSelector' | 'keep'>,
    offer: () => void,
  ): Reflector<Kept> {
    const reflector: Reflector<Kept> = createReflector<Kept>({
      ...of,
      name,
      client,
      clock,
      random,
      onChange: () => {
        if (reflector.hasSynced()) offer();
        rotation.poke();
      },
      onError: (error, next) => options.onWatchError(name, error, next),
    });
    // When the first list is empty there is no change to tell of it.
    void reflector.synced.then(offer);
    client.onRecovery(() => reflector.hurry());
    return reflector;
  }

  const secret = watch<Readonly<Record<string, string>>>(
    'certificate Secret',
    {
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`,
      fieldSelector: `metadata.name=${SECRET_NAME}`,
      // The serving pair alone: a CA's key is read by the leader, when it issues.
      keep: (object) => pick(readSecretData(object), LEAF_ENTRIES),
    },
    () => source.offer(secret.items.get(`${namespace}/${SECRET_NAME}`)),
  );
  const configurations = (['mutating', 'validating'] as const).map((kind: ConfigurationKind) =>
    watch<readonly WebhookTrust[]>(
      `${kind} webhook configuration`,
      {
        path: CONFIGURATION_KINDS[kind].path,
        fieldSelector: `metadata.name=${CONFIGURATION_NAME}`,
        keep: readWebhookTrust,
      },
      offerBundles,
    ),
  );

  function offerBundles(): void {
    if (!configurations.every((each) => each.hasSynced())) return;
    const webhooks = configurations.flatMap(({ items }) => [...items.values()].flat());
    source.offerBundles(webhooks.map(({ caBundle }) => caBundle));
  }

  return {
    source,
    first: source.first,
    watches: [secret, ...configurations],
    lead: (term) => rotation.run(term),
    standIn: async (signal) => {
      const served = new AbortController();
      void source.first.then(() => served.abort());
      const waiting = AbortSignal.any([signal, served.signal]);
      await clock.sleep(options.config.lease.leaseSeconds * 1000, waiting);
      if (!waiting.aborted) await rotation.run({ signal: waiting, isLeader: () => !waiting.aborted });
    },
  };
}

function pick(data: Readonly<Record<string, string>>, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(data).filter(([name]) => names.includes(name)));
}
