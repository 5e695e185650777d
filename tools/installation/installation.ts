import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDevelopmentCertificates } from '../certs/development.ts';
import { callApi } from '../cluster/api-client.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { findFreePort } from '../cluster/loopback-port.ts';
import type { ManagedProgram } from '../cluster/managed-program.ts';
import { renderManifests } from './manifests.ts';

export const NAMESPACE = 'pullkeeper-system';

/** One `pullkeeper serve`, run as the shipped ServiceAccount. */
export interface Replica {
  readonly program: ManagedProgram;
  readonly webhookOrigin: string;
  readonly opsOrigin: string;
  /** The log lines so far, decoded. */
  logs(): Promise<readonly LogLine[]>;
  /** One sample of `/metrics` by its name and labels as printed; undefined when it is not there. */
  metric(sample: string): Promise<number | undefined>;
}

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Installation {
  /** The replica that the API server calls. */
  readonly replica: Replica;
  /** PEM of what the API server trusts the webhooks by, as of the end of the installation. */
  readonly caPem: string;
  /** The manifests as they were applied. */
  readonly manifests: string;
  /** Path of a kubeconfig with a token of Pullkeeper's own ServiceAccount. */
  readonly kubeconfig: string;
  /** Starts a further replica; `flags` come after the usual ones and win over them. */
  startReplica(flags?: readonly string[]): Promise<Replica>;
}

export interface InstallOptions {
  /** Flags of `serve`, after the usual ones. */
  readonly flags?: readonly string[];
  /** What the API server is to call, where it is not the first replica itself: a proxy of the test's. */
  readonly origin?: string;
  /** The kubeconfig for the replicas, where they are not to talk to the API server directly. Default: its own account's. */
  readonly kubeconfig?: string;
  /** Where the webhooks' certificate comes from: Pullkeeper itself, as shipped, or files. Default: itself. */
  readonly certificate?: 'self-managed' | 'files';
  /** The program to run. Default: the sources. */
  readonly entry?: string;
  /** A module that each replica loads before its program. */
  readonly preload?: string;
}

const ENTRY = join(import.meta.dirname, '../../src/main.ts');

/**
 * Applies the shipped manifests as the cluster's admin, starts `serve` with the rights they give it, and resolves when the
 * API server calls its webhooks.
 */
export async function installPullkeeper(cluster: Cluster, options: InstallOptions = {}): Promise<Installation> {
  const port = await findFreePort();
  const origin = options.origin ?? `https://127.0.0.1:${port}`;
  const certificate = await (options.certificate === 'files' ? giveCertificate(cluster) : SELF_MANAGED);
  const manifests = await renderManifests({ origin, ...certificate });
  await apply(cluster, manifests);
  const kubeconfig = options.kubeconfig ?? (await cluster.kubeconfigFor('pullkeeper', NAMESPACE));
  let replicas = 0;

  async function start(webhookPort: number, flags: readonly string[]): Promise<Replica> {
    replicas += 1;
    const opsPort = await findFreePort();
    const opsOrigin = `http://127.0.0.1:${opsPort}`;
    const program = cluster.program({
      name: `serve-${replicas}`,
      file: process.execPath,
      args: [
        ...(options.preload === undefined ? [] : [`--import=${options.preload}`]),
        options.entry ?? ENTRY,
        'serve',
        `--kubeconfig=${kubeconfig}`,
        `--listen=127.0.0.1:${webhookPort}`,
        `--ops-listen=127.0.0.1:${opsPort}`,
        ...certificate.flags,
        ...(options.flags ?? []),
        ...flags,
      ],
      isReady: async () => (await fetch(`${opsOrigin}/readyz`)).ok,
    });
    await program.start();
    return {
      program,
      webhookOrigin: `https://127.0.0.1:${webhookPort}`,
      opsOrigin,
      logs: async () => readLogLines(await readFile(program.logFile, 'utf8')),
      metric: async (sample) => readSample(await (await fetch(`${opsOrigin}/metrics`)).text(), sample),
    };
  }

  const replica = await start(port, []);
  await untilCalled(cluster);
  return {
    replica,
    caPem: await readTrust(cluster),
    manifests,
    kubeconfig,
    startReplica: async (flags = []) => start(await findFreePort(), flags),
  };
}

interface GivenCertificate {
  readonly flags: readonly string[];
  readonly caPem?: string;
}

/** The API server calls an address, which the certificate must be for; Pullkeeper's own names are a Service's. */
const SELF_MANAGED: GivenCertificate = { flags: ['--tls-extra-san=127.0.0.1'] };

async function giveCertificate(cluster: Cluster): Promise<GivenCertificate> {
  const dir = join(cluster.folder, 'webhook');
  const { caPem } = await createDevelopmentCertificates({ hosts: ['127.0.0.1'], days: 2, dir });
  return { caPem, flags: [`--tls-cert-file=${join(dir, 'tls.crt')}`, `--tls-key-file=${join(dir, 'tls.key')}`] };
}

async function readTrust(cluster: Cluster): Promise<string> {
  const { stdout } = await cluster.kubectl([
    ...['get', 'mutatingwebhookconfiguration', 'pullkeeper'],
    ...['-o', 'jsonpath={.webhooks[0].clientConfig.caBundle}'],
  ]);
  return Buffer.from(stdout, 'base64').toString();
}

async function apply(cluster: Cluster, manifests: string): Promise<void> {
  const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], { input: manifests });
  if (code !== 0) throw new Error(`the manifests could not be applied:\n${stderr}`);
}

/** A source that is refused: whoever creates it knows whether the webhooks are called. */
const BAD_SOURCE = {
  metadata: { name: 'probe', annotations: { 'pullkeeper.dev/namespaces': '*' } },
  type: 'Opaque',
};

/** The API server takes up a webhook configuration some time after it was written: a second, or a few on a busy machine. */
const CALLED_WITHIN_MS = 20_000;
/** There is nothing to be watched: a call is how the API server shows what it knows. */
const CALLED_INTERVAL_MS = 50;

/** Resolves when the API server calls Pullkeeper's webhooks. */
export async function untilCalled({ admin }: Pick<Cluster, 'admin'>): Promise<void> {
  const deadline = performance.now() + CALLED_WITHIN_MS;
  for (;;) {
    const { body } = await callApi(admin, `/api/v1/namespaces/${NAMESPACE}/secrets?dryRun=All`, BAD_SOURCE);
    if (body.includes('denied the request')) return;
    if (performance.now() > deadline) throw new Error(`the API server does not call the webhooks: ${body}`);
    await sleep(CALLED_INTERVAL_MS);
  }
}

function readLogLines(text: string): LogLine[] {
  return text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []));
}

function readSample(metrics: string, sample: string): number | undefined {
  const line = metrics.split('\n').find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}
