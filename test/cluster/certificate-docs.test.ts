import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAuthority, issueLeaf } from '../../src/tls/issue.ts';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import { NAMESPACE, untilCalled } from '../../tools/installation/installation.ts';
import { findUntriedCommands, readCommands } from './documented-commands.ts';
import { openRelease, type DocumentedRelease, type DocumentedReplica } from './documented-release.ts';
import { followTrust, type LiveTrust } from './live-trust.ts';
import { createSecretVolume, type SecretVolume } from './secret-volume.ts';
import { useClient, useCluster } from './stage.ts';
import { readServed, SERVER_NAME } from './strict-client.ts';

// The commands of docs/certificates.md, as they stand there. Those for cert-manager are test/cert-manager's.

const PAGE = 'docs/certificates.md';
const SOON = { timeout: 20_000, interval: 50 };

const { cluster, admin } = useCluster();
const client = useClient(cluster);
let commands: ReadonlyMap<string, string>;
let release: DocumentedRelease;
let trust: LiveTrust;

beforeAll(async () => {
  commands = await readCommands(PAGE);
  release = await openRelease(cluster(), 'release');
  trust = await followTrust(client());
});
afterAll(() => trust?.stop());

async function run(name: string): Promise<string> {
  const result = await release.terminal(commands.get(name) ?? `echo 'no commands named ${name}' >&2; exit 1`);
  expect([name, result]).toEqual([name, { code: 0, stdout: expect.any(String), stderr: expect.any(String) }]);
  return result.stdout;
}

/** Both configurations' bundle, once it is this. */
async function expectBundle(pem: string): Promise<void> {
  await vi.waitFor(() => expect(trust.bundles()).toEqual([pem, pem]), SOON);
}

describe('docs/certificates.md', () => {
  it('has no commands that nobody tries', async () => {
    expect(await findUntriedCommands(PAGE)).toEqual([]);
    const names = [...commands.keys()].filter((name) => !name.startsWith('cert-manager'));
    expect(names).toEqual([
      'self-managed, anew',
      'self-managed, old CA away',
      'self-managed, look',
      'files',
      'files, renew',
      'files, another CA',
    ]);
  });
});

describe('files', () => {
  let volume: SecretVolume;
  let replica: DocumentedReplica;

  /** Makes a CA and a certificate of it in the terminal's folder. The next call's are of another CA. */
  async function issue(caName: string): Promise<{ readonly caPem: string; readonly certPem: string }> {
    const life = { now: Date.now(), lifeMs: 86_400_000 };
    const authority = await createAuthority(life);
    const { certPem, keyPem } = await issueLeaf(authority, [SERVER_NAME, '127.0.0.1'], life);
    const caPem = authority.certPem;
    for (const [name, pem] of [
      [caName, caPem],
      ['tls.crt', certPem],
      ['tls.key', keyPem],
    ] as const) {
      await writeFile(join(release.folder, name), pem);
    }
    return { caPem, certPem };
  }

  async function mount(): Promise<void> {
    const data = await admin.run('get', 'secret', 'pullkeeper-files', '-n', NAMESPACE, '-o', 'jsonpath={.data}');
    const entries = Object.entries(JSON.parse(data) as Record<string, string>);
    await volume.write(Object.fromEntries(entries.map(([key, value]) => [key, decode(value)])));
  }

  async function untilServed(certPem: string): Promise<void> {
    const { fingerprint256 } = new X509Certificate(certPem);
    const bundle = trust.bundles()[0] ?? '';
    await vi.waitFor(
      async () => expect(await readServed(replica.webhookOrigin, bundle)).toMatchObject({ fingerprint256 }),
      SOON,
    );
  }

  it('of a Secret are served, and trusted by the value', async () => {
    const { caPem, certPem } = await issue('ca.crt');
    await run('files');
    volume = await createSecretVolume(join(cluster().folder, 'certificate'));
    await mount();
    replica = await release.replica(volume.folder);
    await replica.program.start();
    await expectBundle(caPem);
    await untilCalled(cluster());
    await untilServed(certPem);
  });

  it('are replaced under another CA, both being trusted meanwhile', async () => {
    const before = trust.bundles()[0] ?? '';
    const { caPem, certPem } = await issue('next-ca.crt');
    await run('files, another CA');
    await expectBundle(before + caPem);
    await run('files, renew');
    await mount();
    await untilServed(certPem);
    await untilCalled(cluster());
  });

  it('give way to certificates of its own', async () => {
    const before = trust.bundles()[0] ?? '';
    // Later, a new CA is waited for: for a second, not a minute.
    const toSelfManaged =
      'helm upgrade pullkeeper manifests/chart -n pullkeeper-system --reset-values --set tls.selfManaged.bundleSettle=1s';
    expect(await release.terminal(toSelfManaged)).toMatchObject({ code: 0 });
    // A rolling update: one of before leads, and issues nothing.
    const first = await release.replica('', await findFreePort());
    await first.program.start();
    expect(await replica.metric('pullkeeper_leader')).toBe(1);
    await replica.program.stop('SIGINT');
    await first.program.stop('SIGINT');
    const next = await release.replica();
    await next.program.start();
    await untilCalled(cluster());
    const bundle = trust.bundles()[0] ?? '';
    expect(bundle).not.toBe(before);
    await readServed(next.webhookOrigin, bundle);
  });
});

describe('self-managed certificates', () => {
  it('are looked at, issued anew, and the CA before is taken away', async () => {
    expect(await run('self-managed, look')).toContain(`DNS:${SERVER_NAME}`);
    const before = trust.bundles()[0] ?? '';
    await run('self-managed, anew');
    await vi.waitFor(() => {
      for (const bundle of trust.bundles()) expect(bundle.slice(before.length)).toContain('BEGIN CERTIFICATE');
    }, SOON);
    const newCa = (trust.bundles()[0] ?? '').slice(before.length);
    await vi.waitFor(() => readServed(release.webhookOrigin, newCa), SOON);
    await run('self-managed, old CA away');
    await expectBundle(newCa);
  });
});

describe('from certificates of its own to files', () => {
  it('Helm has to be told to take caBundle over', async () => {
    const upgrade = (commands.get('files') ?? '').slice((commands.get('files') ?? '').indexOf('helm upgrade'));
    const refused = await release.terminal(upgrade);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('conflict with "pullkeeper"') });
    expect(await release.terminal(`${upgrade.trimEnd()} --force-conflicts`)).toMatchObject({ code: 0 });
  });
});

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
