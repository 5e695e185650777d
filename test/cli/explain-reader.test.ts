import { describe, expect, it } from 'vitest';
import { createClusterReader } from '../../src/cli/explain-reader.ts';
import type { KubeClient, KubeRequest } from '../../src/kube/client.ts';
import { KubeError } from '../../src/kube/kube-error.ts';

const what = { what: 'Secret tom/x', who: 'who may get Secrets' };

/** Answers each call with the next of these, and keeps what was asked. */
function answers(...given: readonly unknown[]): { call: KubeClient['call']; asked: KubeRequest[] } {
  const asked: KubeRequest[] = [];
  return {
    asked,
    call: (request) => {
      const answer = given[asked.length];
      asked.push(request);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
}

describe('reading with few rights', () => {
  it('tells what is missing, and once what may not be read', async () => {
    const forbidden = new KubeError(403, 'Forbidden', 'user canary cannot');
    const reader = createClusterReader(
      answers({ a: 1 }, new KubeError(404, 'NotFound', ''), forbidden, forbidden).call,
    );
    expect(await reader.get(what, '/a')).toEqual({ kind: 'found', value: { a: 1 } });
    expect(await reader.get(what, '/b')).toEqual({ kind: 'missing' });
    expect(await reader.get(what, '/c')).toEqual({ kind: 'unread' });
    expect(await reader.get(what, '/c')).toEqual({ kind: 'unread' });
    expect(reader.unread()).toEqual([
      {
        what: 'Secret tom/x',
        code: 'forbidden',
        sentence: 'could not read Secret tom/x, for want of rights; who may get Secrets can',
      },
    ]);
    expect(reader.failure()).toBeUndefined();
  });

  it('says how the API server failed, without its words', async () => {
    const reader = createClusterReader(answers(new KubeError(500, 'InternalError', 'canary')).call);
    expect(await reader.get(what, '/a')).toEqual({ kind: 'unread' });
    expect(reader.unread()).toEqual([
      {
        what: 'Secret tom/x',
        code: 'failed',
        sentence: 'could not read Secret tom/x: the API server answered 500 (InternalError)',
      },
    ]);
  });

  it.each([
    [
      new KubeError(0, 'ECONNREFUSED', 'the API server gave no answer: refused'),
      'the API server gave no answer: refused',
    ],
    [new KubeError(401, 'Unauthorized', 'Unauthorized'), 'the API server does not know the caller (401)'],
  ])('asks no more once nobody answers: %s', async (error, failure) => {
    const api = answers(error, { a: 1 });
    const reader = createClusterReader(api.call);
    expect(await reader.get(what, '/a')).toEqual({ kind: 'unread' });
    expect(await reader.get(what, '/a')).toEqual({ kind: 'unread' });
    expect(api.asked.length).toBe(1);
    expect(reader.failure()).toBe(failure);
    expect(reader.unread()).toEqual([
      { what: 'the cluster', code: 'failed', sentence: `could not read the cluster: ${failure}` },
    ]);
  });

  it('reads lists page by page', async () => {
    const api = answers(
      { metadata: { resourceVersion: '1', continue: 'next' }, items: [1, 2] },
      { metadata: { resourceVersion: '1' }, items: [3] },
    );
    const found = await createClusterReader(api.call).list(what, '/list', { fieldSelector: 'type=x' });
    expect(found).toEqual({ kind: 'found', value: [1, 2, 3] });
    expect(api.asked.map(({ query }) => query)).toEqual([
      { limit: '500', fieldSelector: 'type=x', continue: undefined },
      { limit: '500', fieldSelector: 'type=x', continue: 'next' },
    ]);
  });
});
