import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../src/kube/client.ts';
import { createWebhookCertificates, type WebhookCertificates } from '../../src/kube/webhook-certificates.ts';
import { createDevelopmentCertificates } from '../../tools/certs/development.ts';
import { NAMESPACE } from '../../tools/installation/installation.ts';
import { INSTALL_YAML } from '../../tools/installation/manifests.ts';
import { openClient } from './open-client.ts';
import { useCluster } from './stage.ts';

const SECRET = ['secret', 'pullkeeper-tls', '-n', NAMESPACE] as const;
const { signal } = new AbortController();

const { cluster, admin } = useCluster();
/** With the rights of the product's own account, on the manifests as they are shipped. */
let client: KubeClient;
let store: WebhookCertificates;
let pems: readonly string[];

beforeAll(async () => {
  await admin.run('apply', '-f', INSTALL_YAML);
  client = await openClient(await cluster().kubeconfigFor('pullkeeper', NAMESPACE));
  store = createWebhookCertificates({
    client,
    namespace: NAMESPACE,
    secretName: 'pullkeeper-tls',
    configurationName: 'pullkeeper',
  });
  const made = await Promise.all([1, 2].map(() => createDevelopmentCertificates({ hosts: ['a'], days: 1 })));
  pems = made.map(({ caPem }) => caPem);
});
afterAll(() => client.close());

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const content = (text: string) => ({ data: { 'ca.crt': base64(text) }, annotations: {} });

describe('the certificate Secret', () => {
  it('is created where there is none, of type Opaque, and of two creations one is a conflict', async () => {
    expect(await store.readSecret(signal)).toBeUndefined();
    expect(await store.writeSecret(content('one'), undefined, signal)).toBe('written');
    expect(await store.writeSecret(content('two'), undefined, signal)).toBe('conflict');
    expect(await store.readSecret(signal)).toMatchObject(content('one'));
    expect(await admin.run('get', ...SECRET, '-o', 'jsonpath={.type}')).toBe('Opaque');
  });

  it('is replaced as a whole, and what is not ours in its metadata stays', async () => {
    await admin.run('annotate', ...SECRET, 'tls.pullkeeper.dev/old=1', 'theirs=2');
    await admin.run('label', ...SECRET, 'team=x');
    await admin.run('patch', ...SECRET, '-p', JSON.stringify({ data: { stray: base64('stray') } }));
    const read = await store.readSecret(signal);
    const next = { data: { 'tls.crt': base64('leaf') }, annotations: { 'tls.pullkeeper.dev/new': 'yes' } };
    expect(await store.writeSecret(next, read, signal)).toBe('written');
    const written = JSON.parse(await admin.run('get', ...SECRET, '-o', 'json')) as unknown;
    expect(written).toMatchObject({ metadata: { labels: { team: 'x' } } });
    expect(await store.readSecret(signal)).toMatchObject({
      data: next.data,
      annotations: { theirs: '2', 'tls.pullkeeper.dev/new': 'yes' },
    });
    expect((await store.readSecret(signal))?.annotations['tls.pullkeeper.dev/old']).toBeUndefined();
  });

  it('that changed, was deleted or was made anew since it was read is a conflict, and stays as it is', async () => {
    const read = await store.readSecret(signal);
    await admin.run('label', ...SECRET, 'changed=yes');
    expect(await store.writeSecret(content('late'), read, signal)).toBe('conflict');
    const changed = await store.readSecret(signal);
    await admin.run('delete', ...SECRET);
    expect(await store.writeSecret(content('late'), changed, signal)).toBe('conflict');
    expect(await store.readSecret(signal)).toBeUndefined();
    expect(await store.writeSecret(content('anew'), undefined, signal)).toBe('written');
    expect(await store.writeSecret(content('late'), changed, signal)).toBe('conflict');
    expect(await store.readSecret(signal)).toMatchObject(content('anew'));
  });

  it.each(['ca.crt=theirs', 'else=theirs'])('of somebody else (%s) is not merged with ours', async (literal) => {
    await admin.run('delete', ...SECRET);
    await admin.run('create', 'secret', 'generic', 'pullkeeper-tls', '-n', NAMESPACE, `--from-literal=${literal}`);
    const theirs = await store.readSecret(signal);
    expect(await store.writeSecret(content('ours'), undefined, signal)).toBe('conflict');
    expect(await store.readSecret(signal)).toEqual(theirs);
  });
});

describe('the webhook configurations', () => {
  it('are read with what they trust: nothing, as they are shipped', async () => {
    expect(await store.readConfigurations(signal)).toEqual([
      {
        kind: 'mutating',
        name: 'pullkeeper',
        resourceVersion: expect.stringMatching(/^\d+$/),
        webhooks: [{ name: 'pods.pullkeeper.dev', caBundle: '' }],
      },
      {
        kind: 'validating',
        name: 'pullkeeper',
        resourceVersion: expect.stringMatching(/^\d+$/),
        webhooks: [{ name: 'sources.pullkeeper.dev', caBundle: '' }],
      },
    ]);
  });

  it('get a caBundle and keep all else, whoever owned it before; stale ones are a conflict', async () => {
    const [ca = '', other = ''] = pems;
    // As cert-manager's injector owns it.
    const owned = { clientConfig: { caBundle: base64(other) }, name: 'pods.pullkeeper.dev' };
    await admin.run(
      ...['patch', 'mutatingwebhookconfiguration', 'pullkeeper', '--field-manager=cainjector'],
      ...['-p', JSON.stringify({ webhooks: [owned] })],
    );
    const before = await wholeConfigurations();
    const configurations = await store.readConfigurations(signal);
    for (const configuration of configurations) {
      expect(await store.applyBundle(configuration, ca, signal)).toBe('written');
      expect(await store.applyBundle(configuration, other, signal)).toBe('conflict');
    }
    const after = await store.readConfigurations(signal);
    expect(after.flatMap(({ webhooks }) => webhooks.map(({ caBundle }) => caBundle))).toEqual([ca, ca]);
    expect(await wholeConfigurations()).toEqual(before);
  });

  it('that do not exist are left out', async () => {
    await admin.run('delete', 'mutatingwebhookconfiguration', 'pullkeeper');
    expect((await store.readConfigurations(signal)).map(({ kind }) => kind)).toEqual(['validating']);
  });
});

/** Both, with caBundle and what the API server counts aside. */
async function wholeConfigurations(): Promise<unknown> {
  const kinds = 'mutatingwebhookconfiguration,validatingwebhookconfiguration';
  const { items } = JSON.parse(await admin.run('get', kinds, '-o', 'json')) as {
    items: { metadata: { generation?: number; resourceVersion?: string }; webhooks: { clientConfig: object }[] }[];
  };
  return items.map(({ metadata, webhooks, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, generation: 0, resourceVersion: '' },
    webhooks: webhooks.map(({ clientConfig, ...webhook }) => ({
      ...webhook,
      clientConfig: { ...clientConfig, caBundle: '' },
    })),
  }));
}
