import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE } from '../../tools/installation/installation.ts';
import { createAnew, podManifest } from './admin.ts';
import { countRequests, WRITES } from './api-requests.ts';
import { usePullkeeper } from './stage.ts';

// Rows of docs/operations.md, "What happens when", that are about the managed Secret itself and its namespace.

const IMAGE = 'harbor.example.com/team/app:v1';
const CREDENTIALS = { 'harbor.example.com': 'puller:s3cret' };

const { cluster, admin, product } = usePullkeeper({ flags: ['--removal-grace=1m'] });
beforeAll(() => admin.source('harbor', { server: 'harbor.example.com', namespaces: '*' }));

/** An enabled namespace with its managed Secret. */
async function enable(namespace: string): Promise<void> {
  await admin.namespace(namespace, 'enabled');
  await admin.expectCredentials(namespace, CREDENTIALS);
}

const secret = (namespace: string, path: string) =>
  admin.run('get', 'secret', 'pullkeeper', '-n', namespace, '--ignore-not-found', '-o', `jsonpath=${path}`);

const patch = (namespace: string, text: string) =>
  admin.run('patch', 'secret', 'pullkeeper', '-n', namespace, '--type=merge', '-p', text);

const expectEvent = (namespace: string, reason: string, message: string): Promise<void> =>
  admin.expectEvents(namespace, `reason=${reason},involvedObject.kind=Namespace`, message);

function dockerConfig(password: string): string {
  const config = { auths: { 'harbor.example.com': { username: 'somebody', password } } };
  return Buffer.from(JSON.stringify(config)).toString('base64');
}

describe('when nothing changes', () => {
  it('nothing is written but the Lease', async () => {
    const seconds = Number(process.env['PULLKEEPER_QUIET_SECONDS'] ?? 15);
    await enable('quiet');
    // What a cluster does at its beginning.
    await sleep(3000);
    const before = await countRequests(cluster());
    await sleep(seconds * 1000);
    const after = await countRequests(cluster());
    const { 'PUT leases': leases, ...others } = after.since(before, WRITES);
    expect(others).toEqual({});
    // Ours every 2 s, and the API server's own every 10 s.
    expect(leases).toBeLessThanOrEqual(seconds / 2 + seconds / 10 + 2);
  });
});

describe('a managed Secret', () => {
  it('that was edited, its label kept, is put back; the Event says so', async () => {
    await enable('edited');
    const uid = await secret('edited', '{.metadata.uid}');
    const data = JSON.stringify({ data: { '.dockerconfigjson': dockerConfig('theirs') } });
    await admin.run('patch', 'secret', 'pullkeeper', '-n', 'edited', '-p', data);
    await admin.expectCredentials('edited', CREDENTIALS);
    expect(await secret('edited', '{.metadata.uid}')).toBe(uid);
    await expectEvent('edited', 'PullSecretEdited', 'the Secret was edited by somebody else');
  });

  it('into which somebody wrote other data is put back; the Event says so', async () => {
    await enable('filled');
    const data = JSON.stringify({ data: { theirs: 'eA==' } });
    await admin.run('patch', 'secret', 'pullkeeper', '-n', 'filled', '-p', data);
    await expect.poll(() => secret('filled', '{.data.theirs}')).toBe('');
    expect(await admin.credentials('filled')).toEqual(CREDENTIALS);
    await expectEvent('filled', 'PullSecretEdited', 'the Secret was edited by somebody else');
  });

  it('whose annotations were edited gets them back, and keeps those of others; the Event says so', async () => {
    await enable('annotated');
    const [hash, sources] = [
      '{.metadata.annotations.pullkeeper\\.dev/hash}',
      '{.metadata.annotations.pullkeeper\\.dev/sources}',
    ];
    const before = [await secret('annotated', hash), await secret('annotated', sources)];
    expect(before[1]).toBe('{"harbor":["harbor.example.com"]}');
    await admin.run(
      ...['annotate', 'secret', 'pullkeeper', '-n', 'annotated', '--overwrite'],
      ...['pullkeeper.dev/sources=x', 'theirs=kept'],
    );
    await expect
      .poll(async () => [await secret('annotated', hash), await secret('annotated', sources)])
      .toEqual(before);
    await expectEvent('annotated', 'PullSecretEdited', 'the Secret was edited by somebody else');
    await admin.run(...['annotate', 'secret', 'pullkeeper', '-n', 'annotated', '--overwrite', 'pullkeeper.dev/hash=x']);
    await expect.poll(() => secret('annotated', hash)).toBe(before[0]);
    expect(await secret('annotated', '{.metadata.annotations.theirs}')).toBe('kept');
  });

  it('that was deleted is put back; the Event says so', async () => {
    await enable('deleted');
    await admin.run('delete', 'secret', 'pullkeeper', '-n', 'deleted');
    await admin.expectCredentials('deleted', CREDENTIALS);
    await expectEvent('deleted', 'PullSecretDeleted', 'it was deleted by somebody and is put back');
  });

  it('of another type is deleted and made anew', async () => {
    await admin.namespace('typed');
    await admin.apply(`
apiVersion: v1
kind: Secret
metadata: {name: pullkeeper, namespace: typed, labels: {pullkeeper.dev/managed: "true"}}
type: Opaque
`);
    const uid = await secret('typed', '{.metadata.uid}');
    await admin.run('label', 'namespace', 'typed', 'pullkeeper.dev/inject=enabled');
    await expect.poll(() => secret('typed', '{.type}')).toBe('kubernetes.io/dockerconfigjson');
    expect(await admin.credentials('typed')).toEqual(CREDENTIALS);
    expect(await secret('typed', '{.metadata.uid}')).not.toBe(uid);
    await expectEvent('typed', 'PullSecretReplaced', 'the Secret is not of type kubernetes.io/dockerconfigjson');
  });

  it('that was made immutable is deleted and made anew, and is not immutable', async () => {
    await enable('immutable');
    const uid = await secret('immutable', '{.metadata.uid}');
    await admin.run('patch', 'secret', 'pullkeeper', '-n', 'immutable', '-p', '{"immutable":true}');
    await expect.poll(() => secret('immutable', '{.metadata.uid}')).not.toBe(uid);
    await admin.expectCredentials('immutable', CREDENTIALS);
    expect(await secret('immutable', '{.immutable}')).toBe('');
    await expectEvent('immutable', 'PullSecretReplaced', 'the Secret was made immutable');
  });

  it('whose deletion a finalizer holds up is left alone, Pods are referred to it, and it is made anew when it is gone', async () => {
    await enable('held');
    const uid = await secret('held', '{.metadata.uid}');
    await patch('held', '{"metadata":{"finalizers":["example.com/hold"]}}');
    await admin.run('delete', 'secret', 'pullkeeper', '-n', 'held', '--wait=false');
    const version = await secret('held', '{.metadata.resourceVersion}');
    await admin.pod('held', 'private', IMAGE);
    expect(await admin.pullSecrets('held', 'private')).toEqual(['pullkeeper']);
    await sleep(1000);
    expect(await secret('held', '{.metadata.resourceVersion}')).toBe(version);
    await patch('held', '{"metadata":{"finalizers":null}}');
    await expect.poll(() => secret('held', '{.metadata.uid}'), { timeout: 5000 }).not.toBe(uid);
    await admin.expectCredentials('held', CREDENTIALS);
  });

  it('that was made immutable and whose deletion by us a finalizer holds up is left alone until it is gone', async () => {
    await enable('immutable-held');
    const uid = await secret('immutable-held', '{.metadata.uid}');
    await patch('immutable-held', '{"immutable":true,"metadata":{"finalizers":["example.com/hold"]}}');
    await expect.poll(() => secret('immutable-held', '{.metadata.deletionTimestamp}')).not.toBe('');
    await sleep(500);
    const before = await countRequests(cluster());
    await sleep(4000);
    const after = await countRequests(cluster());
    expect(after.count(WRITES, 'secrets')).toBe(before.count(WRITES, 'secrets'));
    await patch('immutable-held', '{"metadata":{"finalizers":null}}');
    await expect.poll(() => secret('immutable-held', '{.metadata.uid}'), { timeout: 5000 }).not.toBe(uid);
    await admin.expectCredentials('immutable-held', CREDENTIALS);
    expect(await secret('immutable-held', '{.immutable}')).toBe('');
  });

  it('that lost its label is somebody else’s: left alone, with an Event and a metric, and no Pod is referred to it', async () => {
    await enable('unlabelled');
    await admin.run('label', 'secret', 'pullkeeper', '-n', 'unlabelled', 'pullkeeper.dev/managed-');
    const version = await secret('unlabelled', '{.metadata.resourceVersion}');
    await expectEvent(
      'unlabelled',
      'PullSecretConflict',
      "does not bear pullkeeper.dev/managed=true: it is somebody else's",
    );
    const { stderr } = await cluster().kubectl(['run', 'private', '-n', 'unlabelled', `--image=${IMAGE}`]);
    expect(stderr).toContain('Warning: pullkeeper: Secret unlabelled/pullkeeper');
    expect(await admin.pullSecrets('unlabelled', 'private')).toEqual([]);
    expect(await secret('unlabelled', '{.metadata.resourceVersion}')).toBe(version);
    expect(
      await product().replica.metric('pullkeeper_secret_plans_total{action="conflict",code="foreign-secret"}'),
    ).toBeGreaterThan(0);
    // Its label back, it is ours again.
    await admin.run('label', 'secret', 'pullkeeper', '-n', 'unlabelled', 'pullkeeper.dev/managed=true');
    await admin.expectCredentials('unlabelled', CREDENTIALS);
  });
});

describe('a namespace', () => {
  it('that was never enabled gets no credential into a Secret that somebody gave our name and label', async () => {
    await admin.namespace('lured');
    await admin.apply(`
apiVersion: v1
kind: Secret
metadata: {name: pullkeeper, namespace: lured, labels: {pullkeeper.dev/managed: "true"}}
type: kubernetes.io/dockerconfigjson
data: {.dockerconfigjson: ${Buffer.from('{"auths":{}}').toString('base64')}}
`);
    await expect
      .poll(() => product().replica.metric('pullkeeper_secret_plans_total{action="leave",code="grace-unseen"}'))
      .toBeGreaterThan(0);
    expect(await admin.credentials('lured')).toEqual({});
    // Enabled, it is as any other.
    await admin.run('label', 'namespace', 'lured', 'pullkeeper.dev/inject=enabled');
    await admin.expectCredentials('lured', CREDENTIALS);
  });

  it('that is being deleted is left alone: no Secret is put back into it, and nothing is tried again and again', async () => {
    await enable('ending');
    await admin.apply(`
apiVersion: v1
kind: ConfigMap
metadata: {name: holds, namespace: ending, finalizers: [example.com/hold]}
`);
    await admin.run('delete', 'namespace', 'ending', '--wait=false');
    await admin.expectCredentials('ending', undefined, 20_000);
    const before = await countRequests(cluster());
    await sleep(1500);
    const after = await countRequests(cluster());
    expect(after.count(['APPLY'], 'secrets')).toBe(before.count(['APPLY'], 'secrets'));
    await admin.run('patch', 'configmap', 'holds', '-n', 'ending', '-p', '{"metadata":{"finalizers":[]}}');
  });

  it('whose quota allows no Secret is told of with its cause, is not hammered, and has its Secret when it may', async () => {
    await admin.run('create', 'namespace', 'full');
    await admin.run('create', 'quota', 'no-secrets', '-n', 'full', '--hard=secrets=0');
    await expect
      .poll(() => admin.run('get', 'quota', 'no-secrets', '-n', 'full', '-o', 'jsonpath={.status.hard.secrets}'))
      .toBe('0');
    const before = await countRequests(cluster());
    await admin.run('label', 'namespace', 'full', 'pullkeeper.dev/inject=enabled');
    await expect
      .poll(async () =>
        (await product().replica.logs()).filter(({ level, namespace }) => level === 'warn' && namespace === 'full'),
      )
      .toContainEqual(
        expect.objectContaining({ error: expect.stringContaining('exceeded quota: no-secrets') as string }),
      );
    await sleep(2000);
    const during = await countRequests(cluster());
    // 200 ms, 400 ms, 800 ms, …
    expect(during.count(['APPLY'], 'secrets') - before.count(['APPLY'], 'secrets')).toBeLessThanOrEqual(6);
    const told = await admin.apply(podManifest('full', 'name: p', `containers: [{name: c, image: "${IMAGE}"}]`));
    expect(told).toContain('exceeded quota: no-secrets');
    expect(await admin.pullSecrets('full', 'p')).toEqual(['pullkeeper']);
    expect(await product().replica.metric('pullkeeper_reconcile_retrying')).toBe(1);
    await admin.run('delete', 'quota', 'no-secrets', '-n', 'full');
    // A change of the namespace has it looked at at once; without one, at the end of its back-off.
    await admin.run('label', 'namespace', 'full', 'quota=lifted');
    await admin.expectCredentials('full', CREDENTIALS);
    expect(await product().replica.metric('pullkeeper_reconcile_retrying')).toBe(0);
  });
});

describe('the rights of our account', () => {
  it('taken away, are missed without a storm and with their name; given back, all is right within 5 s', async () => {
    const names = Array.from({ length: 10 }, (_, i) => `rights-${i}`);
    for (const name of names) await enable(name);
    const binding = await admin.run('get', 'clusterrolebinding', 'pullkeeper', '-o', 'json');
    await admin.run('delete', 'clusterrolebinding', 'pullkeeper');
    await admin.run('delete', 'secret', 'harbor', '-n', NAMESPACE);
    await admin.source('harbor', { server: 'harbor.example.com', namespaces: '*', password: 'new' });
    await expect
      .poll(async () => (await product().replica.logs()).map(({ error }) => error), { timeout: 10_000 })
      .toContainEqual(expect.stringMatching(/cannot patch resource "secrets"/));
    await admin.pod('rights-0', 'private', IMAGE);
    expect(await admin.pullSecrets('rights-0', 'private')).toEqual(['pullkeeper']);
    await sleep(1000);
    const before = await countRequests(cluster());
    await sleep(4000);
    const after = await countRequests(cluster());
    // One try in 0.5 s to 1 s, whatever the number of namespaces.
    expect(after.count(['APPLY'], 'secrets') - before.count(['APPLY'], 'secrets')).toBeLessThanOrEqual(10);
    await createAnew(cluster(), binding);
    for (const name of names) await admin.expectCredentials(name, { 'harbor.example.com': 'puller:new' }, 5000);
    await admin.run('delete', 'secret', 'harbor', '-n', NAMESPACE);
    await admin.source('harbor', { server: 'harbor.example.com', namespaces: '*' });
    for (const name of names) await admin.expectCredentials(name, CREDENTIALS);
  });
});

describe('the webhook configuration', () => {
  it('deleted in an emergency, leaves every Secret, and Pods without the reference', async () => {
    await enable('emergency');
    const saved = await admin.run('get', 'mutatingwebhookconfiguration', 'pullkeeper', '-o', 'json');
    await admin.run('delete', 'mutatingwebhookconfiguration', 'pullkeeper');
    await expect
      .poll(
        async () => {
          const name = `p-${Date.now()}`;
          await admin.pod('emergency', name, IMAGE);
          return admin.pullSecrets('emergency', name);
        },
        { timeout: 10_000, interval: 200 },
      )
      .toEqual([]);
    expect(await admin.credentials('emergency')).toEqual(CREDENTIALS);
    await createAnew(cluster(), saved);
  });
});
