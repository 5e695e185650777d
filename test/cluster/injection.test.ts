import { describe, expect, it, vi } from 'vitest';
import { podManifest } from './admin.ts';
import { kubernetesMinor } from './kubernetes-minor.ts';
import { usePullkeeper, useTom } from './stage.ts';

const IMAGE = 'harbor.example.com/team/app:v1';
const CREDENTIALS = { 'harbor.example.com': 'puller:s3cret' };

const { cluster, admin, product } = usePullkeeper({ flags: ['--removal-grace=1s'] });
useTom(admin);

describe('a Pod in an enabled namespace', () => {
  it('gets the reference when the kubelet would find a credential for its image', async () => {
    await admin.pod('tom', 'private', IMAGE);
    expect(await admin.pullSecrets('tom', 'private')).toEqual(['pullkeeper']);
    await expect
      .poll(async () => {
        const logs = await product().replica.logs();
        return logs.filter(({ msg, pod }) => msg === 'admission' && pod === 'private');
      })
      .toMatchObject([{ namespace: 'tom', action: 'inject', code: 'image-matched', secret: 'present' }]);
  });

  it('is left alone when its images are public', async () => {
    await admin.pod('tom', 'public', 'nginx:1');
    expect(await admin.pullSecrets('tom', 'public')).toEqual([]);
  });

  it.for<[string, string]>([
    ['an init container', `containers: [{name: c, image: nginx}], initContainers: [{name: i, image: "${IMAGE}"}]`],
    ['the second container', `containers: [{name: c, image: nginx}, {name: d, image: "${IMAGE}"}]`],
    [
      'an image volume',
      `containers: [{name: c, image: nginx}], volumes: [{name: v, image: {reference: "${IMAGE}", pullPolicy: Always}}]`,
    ],
  ])('gets it for the image of %s', async ([title, spec], { skip }) => {
    skip(
      title === 'an image volume' && (await kubernetesMinor()) < 35,
      'Kubernetes has image volumes, unless told otherwise, since 1.35',
    );
    const name = title.replaceAll(' ', '-');
    await admin.apply(podManifest('tom', `name: ${name}`, spec));
    expect(await admin.pullSecrets('tom', name)).toEqual(['pullkeeper']);
  });

  it('gets it with generateName, and from a Deployment', async () => {
    const manifest = podManifest('tom', 'generateName: gen-', `containers: [{name: c, image: "${IMAGE}"}]`);
    const { stdout } = await cluster().kubectl(['create', '-o', 'name', '-f', '-'], { input: manifest });
    expect(await admin.pullSecrets('tom', stdout.trim().replace('pod/', ''))).toEqual(['pullkeeper']);

    await admin.run('create', 'deployment', 'web', '-n', 'tom', `--image=${IMAGE}`, '--replicas=2');
    await vi.waitFor(
      async () => {
        const list = await admin.run(
          ...['get', 'pods', '-n', 'tom', '-l', 'app=web'],
          ...['-o', 'jsonpath={range .items[*]}{.spec.imagePullSecrets[*].name}{";"}{end}'],
        );
        expect(list).toBe('pullkeeper;pullkeeper;');
      },
      { timeout: 10_000 },
    );
  });

  it('keeps what it brings, and gets ours at the end', async () => {
    const spec = `imagePullSecrets: [{name: mine}, {name: other}], containers: [{name: c, image: "${IMAGE}"}]`;
    await admin.apply(podManifest('tom', 'name: brings', spec));
    expect(await admin.pullSecrets('tom', 'brings')).toEqual(['mine', 'other', 'pullkeeper']);
  });

  it('is not given it twice', async () => {
    const spec = `imagePullSecrets: [{name: pullkeeper}, {}], containers: [{name: c, image: "${IMAGE}"}]`;
    await admin.apply(podManifest('tom', 'name: lists', spec));
    expect(await admin.pullSecrets('tom', 'lists')).toEqual(['pullkeeper']);
  });

  it('gets it beside an entry without a name', async () => {
    const spec = `imagePullSecrets: [{}], containers: [{name: c, image: "${IMAGE}"}]`;
    await admin.apply(podManifest('tom', 'name: nameless', spec));
    expect(await admin.pullSecrets('tom', 'nameless')).toEqual(['pullkeeper']);
  });

  it('can opt out, and can ask for it whatever its images are', async () => {
    const annotate = (value: string) => `annotations: {pullkeeper.dev/inject: ${value}}`;
    const containers = (image: string) => `containers: [{name: c, image: "${image}"}]`;
    await admin.apply(podManifest('tom', `name: out, ${annotate('disabled')}`, containers(IMAGE)));
    expect(await admin.pullSecrets('tom', 'out')).toEqual([]);
    await admin.apply(podManifest('tom', `name: always, ${annotate('always')}`, containers('nginx')));
    expect(await admin.pullSecrets('tom', 'always')).toEqual(['pullkeeper']);
  });

  it("is skipped when it is the kubelet's mirror of a static Pod", async () => {
    const metadata = 'name: mirror, annotations: {kubernetes.io/config.mirror: hash}';
    const spec = `nodeName: node-1, containers: [{name: c, image: "${IMAGE}"}]`;
    await admin.apply(podManifest('tom', metadata, spec));
    expect(await admin.pullSecrets('tom', 'mirror')).toEqual([]);
  });

  it('is skipped where its ServiceAccount lets it use only what it lists', async () => {
    await admin.apply(`
apiVersion: v1
kind: ServiceAccount
metadata: {name: strict, namespace: tom, annotations: {kubernetes.io/enforce-mountable-secrets: "true"}}
`);
    const strict = (name: string) =>
      podManifest('tom', `name: ${name}`, `serviceAccountName: strict, containers: [{name: c, image: "${IMAGE}"}]`);
    let tries = 0;
    // Until the watch has told of the account, the API server refuses the patched Pod.
    const told = await vi.waitFor(() => admin.apply(strict(`strict-${tries++}`)), { timeout: 10_000 });
    expect(told).toContain('Warning: pullkeeper: ServiceAccount strict enforces mountable secrets');
    expect(await admin.pullSecrets('tom', `strict-${tries - 1}`)).toEqual([]);
  });
});

describe('a namespace', () => {
  it('that is not enabled is left alone, and has no Secret', async () => {
    await admin.namespace('bystander');
    await admin.pod('bystander', 'private', IMAGE);
    expect(await admin.pullSecrets('bystander', 'private')).toEqual([]);
    expect(await admin.credentials('bystander')).toBeUndefined();
  });

  it('that says always gets every Pod its reference', async () => {
    await admin.namespace('eager', 'always');
    await admin.pod('eager', 'public', 'nginx');
    expect(await admin.pullSecrets('eager', 'public')).toEqual(['pullkeeper']);
  });

  it('can come with its label and its Pod in one kubectl apply', async () => {
    await admin.apply(`
apiVersion: v1
kind: Namespace
metadata: {name: at-once, labels: {pullkeeper.dev/inject: enabled}}
---
${podManifest('at-once', 'name: first', `containers: [{name: c, image: "${IMAGE}"}]`)}`);
    expect(await admin.pullSecrets('at-once', 'first')).toEqual(['pullkeeper']);
    expect(await admin.credentials('at-once')).toEqual(CREDENTIALS);
  });

  it('has its Secret from the moment it is enabled, and loses it after the grace when it no longer is', async () => {
    await admin.namespace('comes-and-goes', 'enabled');
    await admin.expectCredentials('comes-and-goes', CREDENTIALS);
    await admin.run('label', 'namespace', 'comes-and-goes', 'pullkeeper.dev/inject-');
    await admin.expectCredentials('comes-and-goes', undefined);
  });

  it('whose Secret of that name is somebody else’s keeps it, and its Pods are not referred to it', async () => {
    await admin.namespace('taken');
    await admin.run('create', 'secret', 'generic', 'pullkeeper', '-n', 'taken', '--from-literal=theirs=1');
    await admin.run('label', 'namespace', 'taken', 'pullkeeper.dev/inject=enabled');
    const { stderr } = await vi.waitFor(
      async () => {
        const result = await cluster().kubectl(['run', '-n', 'taken', `--image=${IMAGE}`, `p-${Date.now()}`]);
        expect(result.stderr).toContain('is not Pullkeeper');
        return result;
      },
      { timeout: 5000 },
    );
    expect(stderr).toContain('Secret taken/pullkeeper');
    const data = await admin.run('get', 'secret', 'pullkeeper', '-n', 'taken', '-o', 'jsonpath={.type} {.data}');
    expect(data).toBe('Opaque {"theirs":"MQ=="}');
    await expect
      .poll(() => admin.run('get', 'events', '-n', 'taken', '-o', 'jsonpath={.items[*].reason}'))
      .toContain('PullSecretConflict');
  });
});

describe('a source', () => {
  it('that changes, changes the managed Secrets', async () => {
    await admin.source('quay', { server: 'quay.example.com', namespaces: 'tom', password: 'old' });
    await admin.expectCredentials('tom', { ...CREDENTIALS, 'quay.example.com': 'puller:old' });
    const patch = JSON.stringify({
      stringData: { '.dockerconfigjson': '{"auths":{"quay.example.com":{"username":"puller","password":"new"}}}' },
    });
    await admin.run('patch', 'secret', 'quay', '-n', 'pullkeeper-system', '-p', patch);
    await admin.expectCredentials('tom', { ...CREDENTIALS, 'quay.example.com': 'puller:new' });
    await admin.run('delete', 'secret', 'quay', '-n', 'pullkeeper-system');
    await admin.expectCredentials('tom', CREDENTIALS);
  });

  it('reaches only the namespaces of its scope', async () => {
    await admin.run('create', 'namespace', 'prod-a');
    await admin.run('label', 'namespace', 'prod-a', 'pullkeeper.dev/inject=enabled', 'tier=gold');
    await admin.source('gold', { server: 'gold.example.com', namespaces: 'prod-*', selector: 'tier=gold' });
    await admin.expectCredentials('prod-a', { ...CREDENTIALS, 'gold.example.com': 'puller:s3cret' });
    expect(await admin.credentials('tom')).toEqual(CREDENTIALS);
    await admin.pod('tom', 'gold', 'gold.example.com/app');
    expect(await admin.pullSecrets('tom', 'gold')).toEqual([]);
    await admin.pod('prod-a', 'gold', 'gold.example.com/app');
    expect(await admin.pullSecrets('prod-a', 'gold')).toEqual(['pullkeeper']);
  });

  it('without a scope reaches nothing', async () => {
    await admin.source('unscoped', { server: 'unscoped.example.com' });
    await admin.pod('tom', 'unscoped', 'unscoped.example.com/app');
    expect(await admin.pullSecrets('tom', 'unscoped')).toEqual([]);
  });

  it('of the older type serves as well', async () => {
    const config = JSON.stringify({ 'legacy.example.com': { username: 'u', password: 'p' } });
    await admin.apply(`
apiVersion: v1
kind: Secret
type: kubernetes.io/dockercfg
metadata: {name: legacy, namespace: pullkeeper-system, annotations: {pullkeeper.dev/namespaces: legacy}}
data: {.dockercfg: ${Buffer.from(config).toString('base64')}}
`);
    await admin.namespace('legacy', 'enabled');
    await admin.expectCredentials('legacy', { ...CREDENTIALS, 'legacy.example.com': 'u:p' });
  });
});
