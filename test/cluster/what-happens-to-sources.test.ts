import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createDevelopmentCertificates } from '../../tools/certs/development.ts';
import { writeKubeconfig } from '../../tools/cluster/kubeconfig.ts';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import { NAMESPACE } from '../../tools/installation/installation.ts';
import { createAnew } from './admin.ts';
import { usePullkeeper } from './stage.ts';

// Rows of docs/operations.md, "What happens when", that are about sources, their scopes and the removal grace; and about a
// replica that knows nothing yet, or whose API server is away.

const GRACE_MS = 3000;
/** So that a process which was killed is soon followed. */
const LEASE = ['--lease-duration=3s', '--lease-renew-deadline=2s', '--lease-retry-period=1s'];
const BASE = { 'base.example.com': 'puller:s3cret' };

const { cluster, admin, product } = usePullkeeper({ flags: [`--removal-grace=${GRACE_MS / 1000}s`, ...LEASE] });
beforeAll(() => admin.source('base', { server: 'base.example.com', namespaces: '*' }));

async function enable(namespace: string, ...labels: readonly string[]): Promise<void> {
  await admin.run('create', 'namespace', namespace);
  await admin.run('label', 'namespace', namespace, 'pullkeeper.dev/inject=enabled', ...labels);
}

interface Entry {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
}

/** A source as `kubectl apply` takes it. */
function sourceManifest(name: string, namespaces: string, auths: Readonly<Record<string, Entry>>): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    metadata: { name, namespace: NAMESPACE, annotations: { 'pullkeeper.dev/namespaces': namespaces } },
    stringData: { '.dockerconfigjson': JSON.stringify({ auths }) },
  });
}

const good = (password: string): Entry => ({ username: 'u', password });
const BAD: Entry = { auth: 'not base64 at all!' };

/** Past the validating webhook, as when no replica could be asked. */
async function pastTheWebhook(work: () => Promise<unknown>): Promise<void> {
  const saved = await admin.run('get', 'validatingwebhookconfiguration', 'pullkeeper', '-o', 'json');
  await admin.run('delete', 'validatingwebhookconfiguration', 'pullkeeper');
  try {
    // The API server goes on to ask it for a moment.
    await vi.waitFor(work, { timeout: 10_000, interval: 100 });
  } finally {
    await createAnew(cluster(), saved);
  }
}

const expectSourceEvent = (source: string, reason: string, message: string | RegExp): Promise<void> =>
  admin.expectEvents(NAMESPACE, `reason=${reason},involvedObject.name=${source}`, message);

/** Holds until shortly before the grace is over, and not long after. */
async function expectRemovedAfterGrace(
  namespace: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>> | undefined,
): Promise<void> {
  const since = performance.now();
  while (performance.now() - since < GRACE_MS - 1500) {
    expect(await admin.credentials(namespace)).toEqual(before);
    await sleep(200);
  }
  await admin.expectCredentials(namespace, after, 6000);
}

describe('an entry of a source', () => {
  it('that is refused after it was good keeps what it was, through rotations and restarts, until it is good again', async () => {
    await admin.apply(sourceManifest('two', 'kept', { 'a.example.com': good('a1'), 'b.example.com': good('b1') }));
    await enable('kept');
    await admin.expectCredentials('kept', { ...BASE, 'a.example.com': 'u:a1', 'b.example.com': 'u:b1' });
    await pastTheWebhook(() =>
      admin.apply(sourceManifest('two', 'kept', { 'a.example.com': BAD, 'b.example.com': good('b2') })),
    );
    const kept = { ...BASE, 'a.example.com': 'u:a1', 'b.example.com': 'u:b2' };
    await admin.expectCredentials('kept', kept);
    await expectSourceEvent('two', 'SourceRefused', /a\.example\.com: /);
    expect(await product().replica.metric('pullkeeper_source_refusals{source="two"}')).toBe(1);
    // What is kept counts for admission as well.
    await admin.pod('kept', 'private', 'a.example.com/app');
    expect(await admin.pullSecrets('kept', 'private')).toEqual(['pullkeeper']);

    await product().replica.program.stop('SIGINT');
    await product().replica.program.start();
    await sleep(GRACE_MS + 500);
    expect(await admin.credentials('kept')).toEqual(kept);

    await admin.apply(sourceManifest('two', 'kept', { 'a.example.com': good('a2'), 'b.example.com': good('b2') }));
    await admin.expectCredentials('kept', { ...BASE, 'a.example.com': 'u:a2', 'b.example.com': 'u:b2' });
  });

  it('that was kept is rebuilt from what is valid when somebody edits the Secret', async () => {
    await admin.apply(sourceManifest('edit', 'edit', { 'a.example.com': good('a1'), 'b.example.com': good('b1') }));
    await enable('edit');
    await admin.expectCredentials('edit', { ...BASE, 'a.example.com': 'u:a1', 'b.example.com': 'u:b1' });
    await pastTheWebhook(() =>
      admin.apply(sourceManifest('edit', 'edit', { 'a.example.com': BAD, 'b.example.com': good('b1') })),
    );
    await expectSourceEvent('edit', 'SourceRefused', /a\.example\.com: /);
    const config = Buffer.from('{"auths":{"a.example.com":{"username":"x","password":"forged"}}}').toString('base64');
    await admin.run('patch', 'secret', 'pullkeeper', '-n', 'edit', '-p', `{"data":{".dockerconfigjson":"${config}"}}`);
    await admin.expectCredentials('edit', { ...BASE, 'b.example.com': 'u:b1' });
    expect(await admin.run('get', 'events', '-n', 'edit', '-o', 'jsonpath={.items[*].reason}')).toContain(
      'PullSecretEdited',
    );
    await admin.run('delete', 'secret', 'edit', '-n', NAMESPACE);
  });

  it('that leaves a source which stays, leaves at once', async () => {
    await admin.apply(sourceManifest('leaves', 'leaves', { 'a.example.com': good('a'), 'b.example.com': good('b') }));
    await enable('leaves');
    await admin.expectCredentials('leaves', { ...BASE, 'a.example.com': 'u:a', 'b.example.com': 'u:b' });
    await admin.apply(sourceManifest('leaves', 'leaves', { 'b.example.com': good('b') }));
    await admin.expectCredentials('leaves', { ...BASE, 'b.example.com': 'u:b' }, GRACE_MS - 500);
  });
});

describe('the removal grace', () => {
  it('runs for a source that is deleted', async () => {
    await admin.source('gone', { server: 'gone.example.com', namespaces: 'gone' });
    await enable('gone');
    const both = { ...BASE, 'gone.example.com': 'puller:s3cret' };
    await admin.expectCredentials('gone', both);
    await admin.run('delete', 'secret', 'gone', '-n', NAMESPACE);
    await expectRemovedAfterGrace('gone', both, BASE);
  });

  it('is over when a source that was deleted is there again, whose new content counts at once', async () => {
    await admin.source('again', { server: 'again.example.com', namespaces: 'again' });
    await enable('again');
    await admin.expectCredentials('again', { ...BASE, 'again.example.com': 'puller:s3cret' });
    await admin.run('delete', 'secret', 'again', '-n', NAMESPACE);
    await sleep(GRACE_MS / 2);
    await admin.source('again', { server: 'again.example.com', namespaces: 'again', password: 'new' });
    const renewed = { ...BASE, 'again.example.com': 'puller:new' };
    await admin.expectCredentials('again', renewed, 2000);
    await sleep(GRACE_MS);
    expect(await admin.credentials('again')).toEqual(renewed);
  });

  it('runs where a scope is narrowed, and where it stops parsing; such a source reaches no further namespace', async () => {
    await admin.source('scope', { server: 'scope.example.com', namespaces: 'scope-*' });
    await enable('scope-a');
    await enable('scope-b');
    const both = { ...BASE, 'scope.example.com': 'puller:s3cret' };
    await admin.expectCredentials('scope-a', both);
    await admin.expectCredentials('scope-b', both);
    const annotate = (value: string) =>
      admin.run('annotate', 'secret', 'scope', '-n', NAMESPACE, '--overwrite', `pullkeeper.dev/namespaces=${value}`);
    await annotate('scope-a');
    await expectRemovedAfterGrace('scope-b', both, BASE);
    expect(await admin.credentials('scope-a')).toEqual(both);

    await pastTheWebhook(() => annotate('Not/A/Name'));
    await expectSourceEvent('scope', 'SourceRefused', /namespaces/);
    await enable('scope-c');
    await admin.expectCredentials('scope-c', BASE);
    await expectRemovedAfterGrace('scope-a', both, BASE);
  });

  it('runs for a namespace that is no longer enabled, and starts anew with the process', async () => {
    await enable('off');
    await admin.expectCredentials('off', BASE);
    await admin.run('label', 'namespace', 'off', 'pullkeeper.dev/inject-');
    await sleep(GRACE_MS / 2);
    await product().replica.program.stop('SIGKILL');
    await product().replica.program.start();
    await expect.poll(() => product().replica.metric('pullkeeper_leader'), { timeout: 30_000 }).toBe(1);
    await expectRemovedAfterGrace('off', BASE, undefined);
  });

  it('has a namespace that is not enabled for a while follow its sources meanwhile, and miss nothing when it is again', async () => {
    await enable('back');
    await admin.expectCredentials('back', BASE);
    await admin.run('label', 'namespace', 'back', 'pullkeeper.dev/inject-');
    await admin.source('extra', { server: 'extra.example.com', namespaces: 'back' });
    await admin.expectCredentials('back', { ...BASE, 'extra.example.com': 'puller:s3cret' }, GRACE_MS - 500);
    await admin.run('label', 'namespace', 'back', 'pullkeeper.dev/inject=enabled');
    await sleep(GRACE_MS + 500);
    expect(await admin.credentials('back')).toEqual({ ...BASE, 'extra.example.com': 'puller:s3cret' });
  });
});

describe('sources together', () => {
  it('that hold one registry: the closer scope wins, then the name; Event and metric tell', async () => {
    const source = (name: string, namespaces: string, password: string) =>
      admin.source(name, { server: 'same.example.com', namespaces, password });
    await source('a-any', '*', 'any');
    await enable('same-ns');
    await admin.expectCredentials('same-ns', { ...BASE, 'same.example.com': 'puller:any' });
    await source('z-glob', 'same-*', 'glob');
    await admin.expectCredentials('same-ns', { ...BASE, 'same.example.com': 'puller:glob' });
    await source('z-name', 'same-ns', 'name');
    await admin.expectCredentials('same-ns', { ...BASE, 'same.example.com': 'puller:name' });
    await source('y-name', 'same-ns', 'first');
    await admin.expectCredentials('same-ns', { ...BASE, 'same.example.com': 'puller:first' });
    await expectSourceEvent('z-name', 'RegistryConflict', 'same.example.com: in some namespaces source y-name is used');
    await expectSourceEvent('a-any', 'RegistryConflict', 'its scope names the namespace more closely');
    expect(await product().replica.metric('pullkeeper_registry_conflicts_total{reason="name-order"}')).toBeGreaterThan(
      0,
    );
    expect(await product().replica.metric('pullkeeper_registry_conflicts_total{reason="scope"}')).toBeGreaterThan(0);
    for (const name of ['a-any', 'z-glob', 'z-name', 'y-name'])
      await admin.run('delete', 'secret', name, '-n', NAMESPACE);
  });

  it('that exceed one Secret leave the last good content; Event and metric name them', async () => {
    await enable('large');
    await admin.expectCredentials('large', BASE);
    // Each fits into a Secret of its own, the two together do not.
    for (const name of ['big-1', 'big-2']) {
      const auths = Object.fromEntries(
        Array.from({ length: 80 }, (_, i) => [`${name}-${i}.example.com`, good('x'.repeat(3000))]),
      );
      const manifest = sourceManifest(name, 'large', auths);
      const { code, stderr } = await cluster().kubectl(['create', '-f', '-'], { input: manifest });
      expect(stderr).toBe('');
      expect(code).toBe(0);
    }
    await admin.expectEvents(
      'large',
      'reason=PullSecretTooLarge',
      /161 registries do not fit into one Secret of 1 MiB: .*big-1 \(80\), big-2 \(80\)/,
      10_000,
    );
    const held = Object.keys((await admin.credentials('large')) ?? {});
    expect(held).toHaveLength(81);
    expect(
      await product().replica.metric('pullkeeper_secret_plans_total{action="leave",code="too-large"}'),
    ).toBeGreaterThan(0);
    await admin.run('delete', 'secret', 'big-1', 'big-2', '-n', NAMESPACE);
    await admin.expectCredentials('large', BASE, GRACE_MS + 6000);
  });
});

/** A review as the API server sends it. */
async function review(origin: string, caPem: string, namespace: string, image: string) {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      namespace,
      object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image }] } },
    },
  });
  const call = request(`${origin}/mutate`, {
    method: 'POST',
    ca: caPem,
    headers: { 'content-type': 'application/json' },
    agent: false,
  });
  call.end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe('a replica', () => {
  it('that knows nothing yet is not ready, and answers 503 with Retry-After', async () => {
    const dir = join(cluster().folder, 'lonely');
    const { caPem } = await createDevelopmentCertificates({ hosts: ['127.0.0.1'], days: 1, dir });
    const kubeconfig = join(dir, 'kubeconfig');
    await writeKubeconfig(kubeconfig, 'nobody', {
      ...cluster().admin,
      server: `https://127.0.0.1:${await findFreePort()}`,
    });
    const [port, opsPort] = [await findFreePort(), await findFreePort()];
    const child = spawn(
      process.execPath,
      [
        ...[inject('entry'), 'serve', `--kubeconfig=${kubeconfig}`],
        ...[`--listen=127.0.0.1:${port}`, `--ops-listen=127.0.0.1:${opsPort}`],
        ...[`--tls-cert-file=${join(dir, 'tls.crt')}`, `--tls-key-file=${join(dir, 'tls.key')}`],
      ],
      { stdio: 'ignore' },
    );
    try {
      await expect
        .poll(async () => (await fetch(`http://127.0.0.1:${opsPort}/readyz`)).status, { timeout: 10_000 })
        .toBe(503);
      expect(await (await fetch(`http://127.0.0.1:${opsPort}/readyz`)).text()).toContain('[-] synced');
      expect(await (await fetch(`http://127.0.0.1:${opsPort}/livez`)).text()).toBe('ok\n');
      const answer = await review(`https://127.0.0.1:${port}`, caPem, 'kept', 'base.example.com/app');
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  // The last one: the API server is away after it.
  it('whose API server is away goes on to serve from what it knows', async () => {
    const { webhookOrigin, opsOrigin } = product().replica;
    await cluster().apiServer.stop();
    for (let i = 0; i < 3; i++) {
      const { status, body } = await review(webhookOrigin, product().caPem, 'kept', 'base.example.com/app');
      expect(status).toBe(200);
      const { response } = JSON.parse(body) as { response: { patch: string } };
      expect(Buffer.from(response.patch, 'base64').toString()).toContain('pullkeeper');
      await sleep(1000);
    }
    expect((await fetch(`${opsOrigin}/readyz`)).status).toBe(200);
  });
});
