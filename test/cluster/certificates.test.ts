import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createDevelopmentCertificates } from '../../tools/certs/development.ts';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import { NAMESPACE, type Replica } from '../../tools/installation/installation.ts';
import { exitOf } from './admin.ts';
import { followTrust, type LiveTrust } from './live-trust.ts';
import { useClient, usePullkeeper, useTom } from './stage.ts';
import { connectStrictly, readServed, review } from './strict-client.ts';

const IMAGE = 'harbor.example.com/team/app:v1';
const SOON = { timeout: 15_000, interval: 50 };

const { cluster, admin, product } = usePullkeeper({ flags: ['--bundle-settle=1s'] });
const client = useClient(cluster);
useTom(admin);

let second: Replica;
let trust: LiveTrust;

beforeAll(async () => {
  second = await product().startReplica();
  trust = await followTrust(client());
});
afterAll(() => trust.stop());

const steps = (code: string, replica = product().replica): Promise<number> =>
  replica.metric(`pullkeeper_certificate_rotation_steps_total{code="${code}"}`).then((count) => count ?? 0);
/** Both configurations' bundles, once they are what they were: not empty, and one and the same. */
const untilTrusted = (): Promise<string> =>
  vi.waitFor(() => {
    const [first = '', ...others] = trust.bundles();
    expect(first).toContain('BEGIN CERTIFICATE');
    expect(others).toEqual([first]);
    return first;
  }, SOON);

describe('certificates of its own', () => {
  it('are published in both webhook configurations, and served by every replica', async () => {
    const bundle = await untilTrusted();
    expect(bundle).toBe(product().caPem);
    const served = await Promise.all(
      [product().replica, second].map(({ webhookOrigin }) => readServed(webhookOrigin, bundle)),
    );
    expect(new Set(served.map(({ fingerprint256 }) => fingerprint256)).size).toBe(1);
    expect(served[0]?.subjectaltname?.split(', ').toSorted()).toEqual([
      'DNS:pullkeeper.pullkeeper-system',
      'DNS:pullkeeper.pullkeeper-system.svc',
      'DNS:pullkeeper.pullkeeper-system.svc.cluster.local',
      'IP Address:127.0.0.1',
    ]);
    await admin.pod('tom', 'published', IMAGE);
    expect(await admin.pullSecrets('tom', 'published')).toEqual(['pullkeeper']);
  });

  it('are told of in metrics, in the log and by Events', async () => {
    const expiry = 'pullkeeper_certificate_expiry_timestamp_seconds';
    const served = await readServed(second.webhookOrigin, await untilTrusted());
    expect(await second.metric(expiry)).toBe(Date.parse(served.valid_to) / 1000);
    expect(await second.metric('pullkeeper_certificate_last_rotation_timestamp_seconds')).toBeGreaterThan(0);
    expect(await steps('created')).toBe(1);
    expect(await steps('bundle-published')).toBeGreaterThanOrEqual(2);
    expect((await product().replica.logs()).filter(({ msg }) => msg === 'certificate refused')).toEqual([]);
    const events = await admin.run(
      ...['get', 'events', '-n', NAMESPACE, '--field-selector', 'reason=CertificateRotation'],
      ...['-o', 'jsonpath={range .items[*]}{.involvedObject.kind}/{.involvedObject.name}: {.message}{"\\n"}{end}'],
    );
    expect(events).toContain(`Namespace/${NAMESPACE}: there was no usable CA`);
  });

  it('have their caBundle put back when somebody wipes it', async () => {
    const bundle = await untilTrusted();
    const published = await steps('bundle-published');
    for (const kind of ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration']) {
      const patch = '[{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}]';
      await admin.run('patch', kind, 'pullkeeper', '--type=json', '-p', patch);
    }
    await vi.waitFor(async () => expect(await steps('bundle-published')).toBe(published + 2), SOON);
    expect(await untilTrusted()).toBe(bundle);
  });

  it('have their caBundle left alone by kubectl apply, and put back after kubectl replace', async () => {
    const bundle = await untilTrusted();
    const published = await steps('bundle-published');
    await admin.apply(product().manifests);
    expect(await untilTrusted()).toBe(bundle);
    expect(await steps('bundle-published')).toBe(published);

    const { stdout, stderr } = await cluster().kubectl(['replace', '-f', '-', '-o', 'yaml'], {
      input: onlyWebhooks(product().manifests),
    });
    expect(stderr).toBe('');
    expect(stdout).not.toContain('caBundle');
    await vi.waitFor(async () => expect(await steps('bundle-published')).toBe(published + 2), SOON);
    expect(await untilTrusted()).toBe(bundle);
  });

  it('stay served whatever the Secret holds', async () => {
    const bundle = await untilTrusted();
    const contents = [
      'AAAA',
      Buffer.from('-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----').toString('base64'),
    ];
    let isDone = false;
    const calls = callWhile(
      () => !isDone,
      [product().replica, second],
      () => bundle,
    );
    for (const content of contents) {
      const issued = await steps('leaf-issued');
      await patchSecret({ data: { 'tls.key': content } });
      // The leader issues another leaf under the same CA.
      await vi.waitFor(async () => expect(await steps('leaf-issued')).toBe(issued + 1), SOON);
    }
    await vi.waitFor(async () => {
      expect(await second.metric('pullkeeper_certificate_last_error{code="not-a-key"}')).toBeUndefined();
    }, SOON);
    isDone = true;
    expect(await calls).toMatchObject({ failures: [] });
    for (const replica of [product().replica, second]) {
      expect(await replica.logs()).toContainEqual(
        expect.objectContaining({ level: 'error', msg: 'certificate refused', code: 'not-a-key' }),
      );
    }
  });

  it('are renewed though somebody annotates their Secret as a source, which the webhook would refuse', async () => {
    const issued = await steps('leaf-issued');
    await admin.run('annotate', 'secret', 'pullkeeper-tls', '-n', NAMESPACE, 'pullkeeper.dev/namespaces=*');
    await patchSecret({ data: { 'tls.key': null } });
    await vi.waitFor(async () => expect(await steps('leaf-issued')).toBe(issued + 1), SOON);
  });

  it('are issued anew when the Secret is deleted, and what was trusted stays trusted meanwhile', async () => {
    const before = await untilTrusted();
    await admin.run('delete', 'secret', 'pullkeeper-tls', '-n', NAMESPACE);
    const after = await vi.waitFor(() => {
      const [bundle = '', other] = trust.bundles();
      expect(bundle.startsWith(before)).toBe(true);
      expect(bundle.length).toBeGreaterThan(before.length);
      expect(other).toBe(bundle);
      return bundle;
    }, SOON);
    const newCa = after.slice(before.length);
    for (const { webhookOrigin } of [product().replica, second]) {
      await vi.waitFor(() => readServed(webhookOrigin, newCa), SOON);
    }
  });

  it("no longer trust what is taken out of the Secret's old CAs", async () => {
    const before = await untilTrusted();
    expect(before.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    await patchSecret({ data: { 'old-ca.crt': null } });
    await vi.waitFor(async () => expect((await untilTrusted()).match(/BEGIN CERTIFICATE/g)).toHaveLength(1), SOON);
    const bundle = await untilTrusted();
    expect(before.endsWith(bundle)).toBe(true);
    for (const { webhookOrigin } of [product().replica, second]) {
      expect(await readServed(webhookOrigin, bundle)).toMatchObject({ subject: { CN: 'Pullkeeper webhook' } });
    }
  });
});

describe('a replica without a certificate', () => {
  it('is live, is not ready, and ends when told', async () => {
    const opsPort = await findFreePort();
    const flags = [
      `--kubeconfig=${product().kubeconfig}`,
      // Its account has no rights there: it never sees a Secret.
      '--namespace=nowhere',
      `--listen=127.0.0.1:${await findFreePort()}`,
      `--ops-listen=127.0.0.1:${opsPort}`,
    ];
    const child = spawn(process.execPath, [inject('entry'), 'serve', ...flags], { stdio: 'ignore' });
    const ended = exitOf(child);
    await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${opsPort}/livez`)).status).toBe(200), SOON);
    const ready = await fetch(`http://127.0.0.1:${opsPort}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toBe('[-] synced\n[-] certificate\n[-] serving\nnot ready\n');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});

describe('certificates from files', () => {
  it('are taken up when a symlink is swapped, with connections open, and broken ones are not', async () => {
    const folder = join(cluster().folder, 'volume');
    await writeVersion(folder, 'one');
    await point(folder, 'one');
    for (const name of ['tls.crt', 'tls.key']) await symlink(join('..data', name), join(folder, name));
    const replica = await product().startReplica([
      `--tls-cert-file=${join(folder, 'tls.crt')}`,
      `--tls-key-file=${join(folder, 'tls.key')}`,
    ]);
    const first = await writeVersion(folder, 'one-again');
    await point(folder, 'one-again');
    await vi.waitFor(() => readServed(replica.webhookOrigin, first.caPem), SOON);
    const open = await connectStrictly(replica.webhookOrigin, first.caPem);
    expect(await review(open, 'tom', IMAGE)).toMatchObject({ allowed: true });

    const next = await writeVersion(folder, 'two');
    await point(folder, 'two');
    const served = await vi.waitFor(() => readServed(replica.webhookOrigin, next.caPem), SOON);
    expect(served.fingerprint256).toBe(new X509Certificate(next.certPem).fingerprint256);
    expect(await review(open, 'tom', IMAGE)).toMatchObject({ allowed: true });

    await writeVersion(folder, 'broken', { keyPem: first.keyPem });
    await point(folder, 'broken');
    const error = 'pullkeeper_certificate_last_error{code="key-mismatch"}';
    await vi.waitFor(async () => expect(await replica.metric(error)).toBe(1), SOON);
    expect(await readServed(replica.webhookOrigin, next.caPem)).toMatchObject({
      fingerprint256: served.fingerprint256,
    });
    expect((await fetch(`${replica.opsOrigin}/readyz`)).status).toBe(200);
    open.destroy();
    await replica.program.stop('SIGINT');
  });
});

/** Reviews over new connections, to each replica in turn, as fast as they are answered. */
async function callWhile(
  goOn: () => boolean,
  replicas: readonly Replica[],
  bundle: () => string,
): Promise<{ calls: number; failures: readonly string[] }> {
  const failures: string[] = [];
  let calls = 0;
  while (goOn()) {
    for (const { webhookOrigin } of replicas) {
      calls++;
      try {
        const socket = await connectStrictly(webhookOrigin, bundle());
        await review(socket, 'tom', IMAGE);
        socket.destroy();
      } catch (error) {
        failures.push(String(error));
      }
    }
  }
  return { calls, failures };
}

async function patchSecret(patch: unknown): Promise<void> {
  await admin.run('patch', 'secret', 'pullkeeper-tls', '-n', NAMESPACE, '-p', JSON.stringify(patch));
}

/** What `kubectl replace` (Argo CD's Replace=true) is to write: as the manifests have it. */
function onlyWebhooks(manifests: string): string {
  return manifests
    .split('---\n')
    .filter((each) => each.includes('WebhookConfiguration'))
    .join('---\n');
}

/** A folder as the kubelet makes one for each version of a Secret volume. */
async function writeVersion(folder: string, version: string, change: { keyPem?: string } = {}) {
  const dir = join(folder, version);
  await mkdir(dir, { recursive: true });
  const hosts = ['127.0.0.1', 'pullkeeper.pullkeeper-system.svc'];
  const made = { ...(await createDevelopmentCertificates({ hosts, days: 2 })), ...change };
  await writeFile(join(dir, 'tls.crt'), made.certPem);
  await writeFile(join(dir, 'tls.key'), made.keyPem);
  return made;
}

/** As the kubelet swaps them: a symlink of another name, renamed over `..data`. */
async function point(folder: string, version: string): Promise<void> {
  await symlink(version, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
}
