import { describe, expect, it } from 'vitest';
import type { KubeRequest } from '../../src/kube/client.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import { readObjectMeta } from '../../src/kube/object-meta.ts';
import { createManagedSecrets, readLiveSecret, rememberHash } from '../../src/kube/secrets.ts';

// What the API server makes of the writes: test/cluster/managed-secret-writes.test.ts.

const sha256 = (content: string | Uint8Array): string => `hash of ${Buffer.from(content).toString()}`;

function read(object: Record<string, unknown>) {
  return readLiveSecret(object, readObjectMeta(object), rememberHash(sha256));
}

describe('readLiveSecret', () => {
  const metadata = { name: 'pullkeeper', namespace: 'tom', uid: 'u', resourceVersion: '5' };
  const owned = { ...metadata, labels: { 'pullkeeper.dev/managed': 'true' } };

  it('keeps hashes and whose it is, and nothing of its content', () => {
    const secret = read({
      metadata: {
        ...metadata,
        labels: { 'pullkeeper.dev/managed': 'true' },
        annotations: { 'pullkeeper.dev/hash': 'hash of {}\ns3cret', 'pullkeeper.dev/sources': '{}', other: 'x' },
      },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from('s3cret').toString('base64') },
    });
    expect(secret).toEqual({
      uid: 'u',
      resourceVersion: '5',
      owned: true,
      type: 'kubernetes.io/dockerconfigjson',
      immutable: false,
      deleting: false,
      contentHash: 'hash of {}\ns3cret',
      hashAnnotation: 'hash of {}\ns3cret',
      sourcesAnnotation: '{}',
    });
  });

  it('names the data keys that are none of ours, as many as are removed at once', () => {
    const data = { theirs: 'eA==', '.dockerconfigjson': 'eA==', '.dockercfg': 'eA==' };
    expect(read({ metadata: owned, data }).otherKeys).toEqual(['theirs', '.dockercfg']);
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`key-${i}`, '']));
    expect(read({ metadata: owned, data: many }).otherKeys).toHaveLength(1000);
  });

  const large = 'x'.repeat(200_000);
  const said = {
    type: large,
    data: { [large]: '', '.dockerconfigjson': 'eA==' },
  };
  const annotations = { 'pullkeeper.dev/hash': large, 'pullkeeper.dev/sources': large };

  it("keeps nothing of what is somebody else's", () => {
    expect(read({ ...said, metadata: { ...metadata, annotations } })).toEqual({
      uid: 'u',
      resourceVersion: '5',
      owned: false,
      type: '',
      immutable: false,
      deleting: false,
      contentHash: undefined,
      hashAnnotation: undefined,
      sourcesAnnotation: undefined,
    });
  });

  it('keeps no type or hash that is too long to be ours, nor what a Secret says of its sources with a wrong hash', () => {
    expect(read({ ...said, data: {}, metadata: { ...owned, annotations } })).toMatchObject({
      owned: true,
      type: 'too long',
      hashAnnotation: 'too long',
      sourcesAnnotation: undefined,
    });
  });

  it.each([
    [{ 'pullkeeper.dev/managed': 'false' }],
    [{ 'pullkeeper.dev/managed': '' }],
    [{ 'pullkeeper.dev/managed': 'True' }],
    [{ other: 'true' }],
    [undefined],
  ])("takes a Secret with the labels %j for somebody else's", (labels) => {
    expect(read({ metadata: { ...metadata, labels } }).owned).toBe(false);
  });

  it('sees what is immutable, being deleted, or without the data key', () => {
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(read({ metadata: { ...owned, deletionTimestamp }, immutable: true, type: 'Opaque' })).toMatchObject({
      type: 'Opaque',
      immutable: true,
      deleting: true,
      contentHash: undefined,
      hashAnnotation: undefined,
      sourcesAnnotation: undefined,
    });
  });
});

describe('rememberHash', () => {
  it('hashes what the text stands for after its sources, and one pair in a row once', () => {
    const hashed: string[] = [];
    const hashOf = rememberHash((content) => {
      hashed.push(Buffer.from(content).toString());
      return sha256(content);
    });
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const pairs = [
      ['one', 'a'],
      ['one', 'a'],
      ['two', 'a'],
      ['two', 'b'],
      ['', ''],
    ] as const;
    expect(pairs.map(([text, sources]) => hashOf(base64(text), sources))).toEqual([
      'hash of a\none',
      'hash of a\none',
      'hash of a\ntwo',
      'hash of b\ntwo',
      'hash of \n',
    ]);
    expect(hashed).toEqual(['a\none', 'a\ntwo', 'b\ntwo', '\n']);
  });
});

describe('createManagedSecrets', () => {
  function setUp(answer: unknown) {
    const requests: KubeRequest[] = [];
    const client = {
      call: (request: KubeRequest) => {
        requests.push(request);
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    };
    return { secrets: createManagedSecrets(client, 'pullkeeper', sha256), requests };
  }

  it.each(['get', 'readEntries'] as const)(
    '%s finds nothing where there is none, and passes on other errors',
    async (method) => {
      expect(await setUp(new KubeError(404, 'NotFound', 'no')).secrets[method]('tom')).toBeUndefined();
      const error = new KubeError(403, 'Forbidden', 'no');
      await expect(setUp(error).secrets[method]('tom')).rejects.toBe(error);
    },
  );

  it('asks for one Secret of one namespace, however it is called, and within the limits it is given', async () => {
    const signal = new AbortController().signal;
    const { secrets, requests } = setUp({ metadata: {} });
    await secrets.get('a/b', { timeoutMs: 5, signal });
    expect(requests).toEqual([
      { method: 'GET', path: '/api/v1/namespaces/a%2Fb/secrets/pullkeeper', timeoutMs: 5, signal },
    ]);
  });

  it('applies by force over what was seen alone, and has nothing checked that JSON.stringify never writes', async () => {
    const { secrets, requests } = setUp({ metadata: {} });
    const content = { dockerConfig: '{"auths":{}}', hash: 'h', sources: '{}', registries: 0, excess: undefined };
    const seen = await secrets.create('tom', content);
    await secrets.update('tom', content, seen);
    expect(requests.map(({ query }) => query)).toEqual([
      { fieldManager: 'pullkeeper', fieldValidation: 'Ignore' },
      { fieldManager: 'pullkeeper', fieldValidation: 'Ignore', force: 'true' },
    ]);
  });
});
