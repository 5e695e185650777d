import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAuthority } from '../../src/tls/issue.ts';
import { startCertManager, type CertManager } from '../../tools/cert-manager/start-cert-manager.ts';
import { ensureHelm } from '../../tools/chart/helm.ts';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import { NAMESPACE, untilCalled } from '../../tools/installation/installation.ts';
import { readCommands } from '../cluster/documented-commands.ts';
import { openRelease, type DocumentedRelease, type DocumentedReplica } from '../cluster/documented-release.ts';
import { followTrust, type LiveTrust } from '../cluster/live-trust.ts';
import { createSecretVolume, type SecretVolume } from '../cluster/secret-volume.ts';
import { useClient, useCluster } from '../cluster/stage.ts';
import { readServed } from '../cluster/strict-client.ts';
import { startCalls, type CallLoad } from './call-load.ts';
import { describeClusterIssuer, readSecret, renew } from './issuing.ts';

const IMAGE = 'harbor.example.com/team/app:v1';
const SECRET = 'pullkeeper-serving-cert';
const SOON = { timeout: 30_000, interval: 50 };

const { cluster, admin } = useCluster();
const client = useClient(cluster);
const tried = new Set<string>();
let commands: ReadonlyMap<string, string>;
let certManager: CertManager;
let release: DocumentedRelease;
let replica: DocumentedReplica;
let volume: SecretVolume;
let trust: LiveTrust;

beforeAll(async () => {
  commands = await readCommands('docs/certificates.md');
  certManager = await startCertManager(cluster(), await ensureHelm());
  release = await openRelease(cluster(), 'release');
  volume = await createSecretVolume(join(cluster().folder, 'certificate'));
  trust = await followTrust(client());
});
afterAll(() => trust?.stop());

describe('cert-manager', () => {
  it('issues the certificate, and a Pod gets its reference by it', async () => {
    await run('cert-manager');
    await mount();
    replica = await release.replica(volume.folder);
    await replica.program.start();
    await untilCalled(cluster());
    const bundle = await untilTrusted();
    expect(trust.bundles()).toEqual([bundle, bundle]);
    const served = await readServed(replica.webhookOrigin, bundle);
    expect(served.subjectaltname?.split(', ').toSorted()).toEqual([
      'DNS:pullkeeper.pullkeeper-system',
      'DNS:pullkeeper.pullkeeper-system.svc',
      'DNS:pullkeeper.pullkeeper-system.svc.cluster.local',
      'IP Address:127.0.0.1',
    ]);

    await admin.source('harbor', { server: 'harbor.example.com', namespaces: '*' });
    await admin.namespace('tom', 'enabled');
    await admin.expectCredentials('tom', { 'harbor.example.com': 'puller:s3cret' });
    await admin.pod('tom', 'app', IMAGE);
    expect(await admin.pullSecrets('tom', 'app')).toEqual(['pullkeeper']);
    expect(await run('cert-manager, look')).toMatch(/subject= ?CN ?= ?pullkeeper-ca/);
  });

  it('keeps caBundle when the manifests are applied again, and Pullkeeper has no right to change it', async () => {
    const bundle = await untilTrusted();
    const seen = trust.history.length;
    await run('cert-manager');
    await admin.apply((await release.terminal('helm get manifest pullkeeper -n pullkeeper-system')).stdout);
    await untilCalled(cluster());
    expect(trust.bundles()).toEqual([bundle, bundle]);
    expect(trust.history.slice(seen)).not.toContain('');
    const account = `--as=system:serviceaccount:${NAMESPACE}:pullkeeper`;
    for (const resource of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
      const answer = await cluster().kubectl(['auth', 'can-i', 'patch', `${resource}/pullkeeper`, account]);
      expect(answer.stdout.trim()).toBe('no');
    }
  });

  it('renews the certificate when told, and no call fails before, while and after the volume has it', async () => {
    const before = await servedNow();
    const load = startLoad();
    await renew(admin, 'pullkeeper');
    const renewed = await untilIssued(before.fingerprint256);
    // The minute until a kubelet looks: the certificate before goes on being served, and trusted.
    await load.calls(50);
    expect((await servedNow()).fingerprint256).toBe(before.fingerprint256);
    await mount();
    await untilServed(renewed);
    await load.calls(50);
    expect(await load.end()).toEqual([]);
    await expectMetrics(renewed);
  });

  it('issues it anew when its Secret is deleted', async () => {
    const before = await servedNow();
    const load = startLoad();
    await run('cert-manager, renew');
    const renewed = await untilIssued(before.fingerprint256);
    await mount();
    await untilServed(renewed);
    await load.calls(20);
    expect(await load.end()).toEqual([]);
    await expectMetrics(renewed);
  });

  it('renews its CA, and what was served and what is served next are trusted throughout', async () => {
    const before = await servedNow();
    const bundle = await untilTrusted();
    const load = startLoad();
    await renew(admin, 'pullkeeper-ca');
    const nextCa = await untilAnotherCa(bundle);
    // It keeps its key, so the certificate that is served now is of the new CA as much as of the old one.
    await readServed(replica.webhookOrigin, nextCa);

    await renew(admin, 'pullkeeper');
    const renewed = await untilIssued(before.fingerprint256);
    await untilEveryBundleHolds(nextCa);
    await load.calls(50);
    await mount();
    await untilServed(renewed);
    await readServed(replica.webhookOrigin, bundle);
    await load.calls(50);
    expect(await load.end()).toEqual([]);
  });

  it('makes another CA when its key may have leaked, and forgets the one before', async () => {
    const before = await servedNow();
    const bundle = await untilTrusted();
    const load = startLoad();
    await run('cert-manager, another CA');
    const ca = await untilAnotherCa(bundle);
    const renewed = await untilIssued(before.fingerprint256);
    await untilEveryBundleHolds(ca);
    await load.calls(20);
    await mount();
    await untilServed(renewed);
    await load.calls(20);
    expect(await load.end()).toEqual([]);
    await expect(readServed(replica.webhookOrigin, bundle)).rejects.toThrow(/certificate|signature/);

    // Once more where cainjector has put the old one back.
    await vi.waitFor(async () => {
      await run('cert-manager, old CA away');
      await vi.waitFor(() => expect(trust.bundles().map((each) => each.trim())).toEqual([ca, ca]), { timeout: 5000 });
    }, SOON);
    expect(await run('cert-manager, count')).toBe('1\n1\n');
    await untilCalled(cluster());
  });

  it('gives way to certificates of its own and takes over again, and no call fails', async () => {
    const bundle = await untilTrusted();
    // Rolling updates: the replicas of before serve until those with the new mode are ready, and one of them leads.
    const load = startLoad();
    const toSelfManaged = 'helm upgrade pullkeeper manifests/chart -n pullkeeper-system --set tls.mode=selfManaged';
    expect(await release.terminal(toSelfManaged)).toMatchObject({ code: 0 });
    const selfManaged = await release.replica('', await findFreePort());
    await selfManaged.program.start();
    const both = await untilTrusted();
    expect(both.startsWith(bundle.trim())).toBe(true);
    await readServed(selfManaged.webhookOrigin, both.slice(bundle.trim().length));
    await load.calls(50);
    expect(await load.end()).toEqual([]);
    await replica.program.stop('SIGINT');
    await selfManaged.program.stop('SIGINT');

    const settled = await release.replica();
    await settled.program.start();
    await untilCalled(cluster());
    const loadAgain = startLoad();
    await run('cert-manager');
    await untilEveryBundleHolds((await readSecret(admin, 'pullkeeper-ca'))['tls.crt']?.trim() ?? 'no CA');
    await mount();
    const next = await release.replica(volume.folder, await findFreePort());
    await next.program.start();
    await readServed(next.webhookOrigin, await untilTrusted());
    await loadAgain.calls(50);
    expect(await loadAgain.end()).toEqual([]);
    await settled.program.stop('SIGINT');
    await next.program.stop('SIGINT');
    await replica.program.start();
  });

  it('issues by an Issuer that is there already', async () => {
    const life = { now: Date.now(), lifeMs: 86_400_000 };
    const { certPem: ca, keyPem } = await createAuthority(life);
    await admin.apply(describeClusterIssuer(ca, keyPem));
    const before = await servedNow();
    await run('cert-manager, own issuer');
    const renewed = await untilIssued(before.fingerprint256);
    await untilEveryBundleHolds(ca.trim());
    await mount();
    await untilServed(renewed);
    expect(await readServed(replica.webhookOrigin, ca)).toMatchObject({ fingerprint256: renewed.fingerprint256 });
    await untilCalled(cluster());
  });

  it('is not needed for a Pod to get its reference', async () => {
    await certManager.controller.stop();
    await certManager.cainjector.stop();
    await admin.pod('tom', 'without', IMAGE);
    expect(await admin.pullSecrets('tom', 'without')).toEqual(['pullkeeper']);
  });

  it('is set up by all the commands that docs/certificates.md has for it', () => {
    const named = [...commands.keys()].filter((name) => name.startsWith('cert-manager'));
    expect(named.filter((name) => !tried.has(name))).toEqual([]);
  });
});

/** Runs commands of docs/certificates.md and returns what they printed. */
async function run(name: string): Promise<string> {
  tried.add(name);
  const result = await release.terminal(commands.get(name) ?? `echo 'no commands named ${name}' >&2; exit 1`);
  expect([name, result.code, result.stderr.replaceAll(/^Warning: .*\n/gm, '')]).toEqual([name, 0, expect.any(String)]);
  return result.stdout;
}

function startLoad(): CallLoad {
  return startCalls(client(), trust, replica.webhookOrigin);
}

/** What the kubelet does: the entries that the Deployment's volume lists. */
async function mount(): Promise<void> {
  const { 'tls.crt': cert = '', 'tls.key': key = '' } = await readSecret(admin, SECRET);
  await volume.write({ 'tls.crt': cert, 'tls.key': key });
}

/** The bundle of the first webhook, once every webhook has one. */
function untilTrusted(): Promise<string> {
  return vi.waitFor(() => {
    const bundles = trust.bundles();
    expect(bundles).toHaveLength(2);
    for (const each of bundles) expect(each).toContain('BEGIN CERTIFICATE');
    return bundles[0] ?? '';
  }, SOON);
}

/** The CA's certificate, once it is one that this bundle does not hold. */
function untilAnotherCa(bundle: string): Promise<string> {
  return vi.waitFor(async () => {
    const ca = (await readSecret(admin, 'pullkeeper-ca'))['tls.crt']?.trim() ?? '';
    expect(ca).toContain('BEGIN CERTIFICATE');
    expect(bundle).not.toContain(ca);
    return ca;
  }, SOON);
}

async function untilEveryBundleHolds(ca: string): Promise<void> {
  await vi.waitFor(() => {
    for (const each of trust.bundles()) expect(each).toContain(ca);
  }, SOON);
}

async function servedNow(): Promise<{ readonly fingerprint256: string }> {
  return readServed(replica.webhookOrigin, await untilTrusted());
}

/** The certificate in the Secret, once it is another than this one. */
async function untilIssued(fingerprint256: string): Promise<X509Certificate> {
  return vi.waitFor(async () => {
    const { 'tls.crt': cert = '' } = await readSecret(admin, SECRET);
    expect(cert).not.toBe('');
    const issued = new X509Certificate(cert);
    expect(issued.fingerprint256).not.toBe(fingerprint256);
    return issued;
  }, SOON);
}

async function untilServed({ fingerprint256 }: X509Certificate): Promise<void> {
  await vi.waitFor(async () => expect(await servedNow()).toMatchObject({ fingerprint256 }), SOON);
}

async function expectMetrics({ validTo }: X509Certificate): Promise<void> {
  expect(await replica.metric('pullkeeper_certificate_expiry_timestamp_seconds')).toBe(Date.parse(validTo) / 1000);
  const rotatedAt = await replica.metric('pullkeeper_certificate_last_rotation_timestamp_seconds');
  expect(rotatedAt).toBeGreaterThan(Date.now() / 1000 - 60);
}
