import { createHash } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderContent } from '../../src/core/secret/managed-secret.ts';
import { createManagedSecrets, type ManagedSecrets } from '../../src/kube/secrets.ts';
import { useClient, useCluster } from './stage.ts';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
const content = (password: string) =>
  renderContent([{ key: 'harbor.example.com', username: 'u', password, source: 'harbor' }], sha256);

const { cluster } = useCluster();
const client = useClient(cluster);
let secrets: ManagedSecrets;
let namespace = '';
let namespaces = 0;

beforeAll(() => {
  secrets = createManagedSecrets(client(), 'pullkeeper', sha256);
});
beforeEach(async () => {
  namespaces += 1;
  namespace = `ns-${namespaces}`;
  await client().call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } });
});

const path = () => `/api/v1/namespaces/${namespace}/secrets/pullkeeper`;
const read = () => client().call({ method: 'GET', path: path() });

/** What an administrator may have put there: a Secret as ours would be, without the label. */
async function createForeign(password: string): Promise<unknown> {
  const { dockerConfig } = content(password);
  return client().call({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/secrets`,
    body: {
      metadata: { name: 'pullkeeper' },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(dockerConfig).toString('base64') },
    },
  });
}

describe('create', () => {
  it('makes a Secret that is ours and holds the content', async () => {
    const made = await secrets.create(namespace, content('one'));
    expect(made).toMatchObject({
      owned: true,
      type: 'kubernetes.io/dockerconfigjson',
      immutable: false,
      deleting: false,
      contentHash: content('one').hash,
      hashAnnotation: content('one').hash,
      sourcesAnnotation: '{"harbor":["harbor.example.com"]}',
    });
    expect(await secrets.get(namespace)).toEqual(made);
  });

  it.each([
    ['another content', 'theirs'],
    ['the very content that ours would have', 'one'],
  ])("is refused where somebody else's Secret has the name and %s", async (_, password) => {
    const foreign = await createForeign(password);
    await expect(secrets.create(namespace, content('one'))).rejects.toMatchObject({ status: 409 });
    expect(await read()).toEqual(foreign);
  });

  it('is refused where ours is there already, and does not bring back what it held before', async () => {
    await secrets.create(namespace, content('new'));
    const before = await read();
    // What a leader had on its way when it was stopped.
    await expect(secrets.create(namespace, content('old'))).rejects.toMatchObject({ status: 409 });
    expect(await read()).toEqual(before);
  });
});

describe('update', () => {
  it('changes the Secret that was seen', async () => {
    const seen = await secrets.create(namespace, content('one'));
    const now = await secrets.update(namespace, content('two'), seen);
    expect(now).toMatchObject({ uid: seen.uid, contentHash: content('two').hash });
  });

  it('puts back what somebody else wrote into our fields, and leaves theirs', async () => {
    await secrets.create(namespace, content('one'));
    await client().call({
      method: 'PATCH',
      path: path(),
      contentType: 'application/merge-patch+json',
      body: {
        metadata: { annotations: { theirs: 'kept', 'pullkeeper.dev/hash': 'edited' } },
        data: { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') },
      },
    });
    const seen = await secrets.get(namespace);
    if (seen === undefined) throw new Error('it is gone');
    expect(seen.contentHash).not.toBe(seen.hashAnnotation);
    expect(await secrets.update(namespace, content('one'), seen)).toMatchObject({ contentHash: content('one').hash });
    expect(await read()).toMatchObject({ metadata: { annotations: { theirs: 'kept' } } });
  });

  it('removes data that is not ours, which may leave no room for it, and goes on to apply', async () => {
    await secrets.create(namespace, content('one'));
    await client().call({
      method: 'PATCH',
      path: path(),
      contentType: 'application/merge-patch+json',
      body: { data: { theirs: Buffer.alloc(1024 * 1024 - 1000).toString('base64'), '.dockercfg': 'e30=' } },
    });
    const seen = await secrets.get(namespace);
    if (seen === undefined) throw new Error('it is gone');
    const large = content('x'.repeat(4000));
    const now = await secrets.update(namespace, large, seen);
    expect(now).toMatchObject({ uid: seen.uid, contentHash: large.hash, hashAnnotation: large.hash });
    expect(now.otherKeys).toBeUndefined();
    expect(await secrets.update(namespace, content('two'), now)).toMatchObject({ contentHash: content('two').hash });
    await expect(secrets.update(namespace, large, seen)).rejects.toMatchObject({ status: 409 });
  });

  it.each([
    [
      'has changed since',
      async (seen: Parameters<ManagedSecrets['update']>[2]) => {
        await secrets.update(namespace, content('newer'), seen);
      },
    ],
    [
      'lost its label since',
      async () => {
        await client().call({
          method: 'PATCH',
          path: path(),
          contentType: 'application/merge-patch+json',
          body: { metadata: { labels: { 'pullkeeper.dev/managed': null } } },
        });
      },
    ],
    [
      'was deleted since',
      async () => {
        await client().call({ method: 'DELETE', path: path() });
      },
    ],
    [
      'was deleted and is another one now',
      async () => {
        await client().call({ method: 'DELETE', path: path() });
        await createForeign('theirs');
      },
    ],
  ])('and delete are refused where the Secret %s', async (_, meanwhile) => {
    const seen = await secrets.create(namespace, content('one'));
    await meanwhile(seen);
    const before = await read().catch((error: unknown) => error);
    await expect(secrets.update(namespace, content('two'), seen)).rejects.toMatchObject({ status: 409 });
    await expect(secrets.delete(namespace, seen)).rejects.toMatchObject({
      status: expect.toSatisfy((status) => status === 409 || status === 404),
    });
    expect(await read().catch((error: unknown) => error)).toEqual(before);
  });
});

describe('delete and readEntries', () => {
  it('delete the Secret that was seen', async () => {
    const seen = await secrets.create(namespace, content('one'));
    await secrets.delete(namespace, seen);
    expect(await secrets.get(namespace)).toBeUndefined();
    expect(await secrets.readEntries(namespace)).toBeUndefined();
  });

  it('find what it holds under a registry', async () => {
    const secret = await secrets.create(namespace, content('one'));
    const held = await secrets.readEntries(namespace);
    expect(held?.secret).toEqual(secret);
    expect(held?.find('harbor.example.com')).toMatchObject({ username: 'u', password: 'one' });
    expect(held?.find('quay.example.com')).toBeUndefined();
  });
});
