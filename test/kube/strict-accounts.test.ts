import { describe, expect, it } from 'vitest';
import type { KubeRequest } from '../../src/kube/client.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import { readObjectMeta } from '../../src/kube/object-meta.ts';
import { createStrictAccounts, readStrictAccount, type StrictAccount } from '../../src/kube/strict-accounts.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';

/** Accounts that the watch knows, and an API server that answers when the test says so. */
function setUp() {
  const clock = createManualClock();
  const strict = new Map<string, StrictAccount>();
  const stop = new AbortController();
  const asked: { path: string; answer: PromiseWithResolvers<unknown> }[] = [];
  const accounts = createStrictAccounts({
    client: {
      call: ({ path }: KubeRequest) => {
        const answer = Promise.withResolvers<unknown>();
        asked.push({ path, answer });
        return answer.promise;
      },
    },
    secretName: 'pullkeeper',
    strict,
    clock,
    random: () => 1,
    signal: stop.signal,
  });
  let version = 0;
  const change = (key: string): void => {
    version += 1;
    strict.set(key, { uid: 'u', resourceVersion: String(version) });
    accounts.changed(key);
  };
  const answer = async (index: number, lists: readonly string[] | Error): Promise<void> => {
    const { promise, resolve, reject } = asked[index]?.answer ?? Promise.withResolvers();
    if (lists instanceof Error) reject(lists);
    else resolve({ imagePullSecrets: lists.map((name) => ({ name })) });
    await promise.catch(() => undefined);
    await settle();
  };
  return { clock, strict, stop, asked, accounts, change, answer };
}

describe('readStrictAccount', () => {
  it.each([
    [{ 'kubernetes.io/enforce-mountable-secrets': 'true' }, { uid: 'u', resourceVersion: '5' }],
    [{ 'kubernetes.io/enforce-mountable-secrets': 'false' }, undefined],
    [{}, undefined],
  ])('keeps those that enforce: %j', (annotations, expected) => {
    const object = { metadata: { name: 'a', namespace: 'ns', uid: 'u', resourceVersion: '5', annotations } };
    expect(readStrictAccount(object, readObjectMeta(object))).toEqual(expected);
  });
});

describe('createStrictAccounts', () => {
  it('has Pods of accounts that are not strict go on', () => {
    expect(setUp().accounts.refuses('ns', 'anybody')).toBe(false);
  });

  it('refuses a strict account until it is known to list our Secret', async () => {
    const { accounts, asked, change, answer } = setUp();
    change('ns/strict');
    expect(accounts.refuses('ns', 'strict')).toBe(true);
    expect(asked.map(({ path }) => path)).toEqual(['/api/v1/namespaces/ns/serviceaccounts/strict']);
    await answer(0, ['other', 'pullkeeper']);
    expect(accounts.refuses('ns', 'strict')).toBe(false);
  });

  it('refuses one that does not list our Secret', async () => {
    const { accounts, change, answer } = setUp();
    change('ns/default');
    await answer(0, ['other']);
    expect(accounts.refuses('ns', 'default')).toBe(true);
  });

  it('refuses again from the moment that the account changes', async () => {
    const { accounts, change, answer } = setUp();
    change('ns/strict');
    await answer(0, ['pullkeeper']);
    change('ns/strict');
    expect(accounts.refuses('ns', 'strict')).toBe(true);
    await answer(1, ['pullkeeper']);
    expect(accounts.refuses('ns', 'strict')).toBe(false);
  });

  it('reads a few at a time, and each once more that changes while it is read', async () => {
    const { accounts, asked, change, answer } = setUp();
    for (let i = 0; i < 10; i++) change(`ns/a-${i}`);
    expect(asked).toHaveLength(4);
    change('ns/a-0');
    for (let i = 0; i < 11; i++) await answer(i, ['pullkeeper']);
    expect(asked).toHaveLength(11);
    for (let i = 0; i < 10; i++) expect(accounts.refuses('ns', `a-${i}`)).toBe(false);
  });

  it('tries again what fails, until it succeeds, the account is gone, or the program ends', async () => {
    const { clock, strict, stop, accounts, asked, change, answer } = setUp();
    change('ns/strict');
    for (const [index, delay] of [200, 400, 800, 1600, 2000, 2000].entries()) {
      await answer(index, new KubeError(0, 'ECONNREFUSED', 'refused'));
      expect(clock.sleeping()).toEqual([delay]);
      await clock.advance(delay);
    }
    await answer(6, ['pullkeeper']);
    expect(accounts.refuses('ns', 'strict')).toBe(false);
    expect(clock.sleeping()).toEqual([]);

    change('ns/gone');
    strict.delete('ns/gone');
    await answer(7, new KubeError(500, 'InternalError', 'no'));
    await clock.advance(1000);
    change('ns/not-there');
    await answer(8, new KubeError(404, 'NotFound', 'no'));
    await clock.advance(1000);
    expect(asked).toHaveLength(9);

    change('ns/late');
    await answer(9, new KubeError(0, 'ECONNREFUSED', 'refused'));
    stop.abort();
    await clock.advance(10_000);
    expect(asked).toHaveLength(10);
  });
});
