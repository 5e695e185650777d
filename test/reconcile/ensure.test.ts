import { describe, expect, it } from 'vitest';
import { parseSelector } from '../../src/core/sources/label-selector.ts';
import { createDesiredState, type Namespace } from '../../src/reconcile/desired-state.ts';
import { createEnsure } from '../../src/reconcile/ensure.ts';
import { createLiveSecrets } from '../../src/reconcile/live-secrets.ts';
import type { SecretWrites } from '../../src/reconcile/secret-writes.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';
import { sampleSource } from '../support/source-samples.ts';
import { ApiError, createSecretsStage } from './secrets-stage.ts';

const TOM: Namespace = { name: 'tom', labels: { inject: 'enabled' }, uid: 'n', deleting: false };

function setUp(change: Partial<SecretWrites> = {}) {
  const clock = createManualClock();
  const stage = createSecretsStage();
  const selector = parseSelector('inject=enabled');
  if (selector.kind !== 'valid') throw new Error(selector.sentence);
  const desired = createDesiredState({
    selector: selector.selector,
    excluded: new Set(),
    namespaces: new Map([['tom', TOM]]),
    sha256: (text) => `hash of ${text}`,
    onAffected: () => undefined,
  });
  desired.setSource('s', sampleSource('s', { namespaces: '*', registries: { 'a.io': 'p' } }));
  const live = createLiveSecrets({ get: () => undefined, version: () => '0' });
  const writes = { ...stage.writes, ...change };
  const ensure = createEnsure({
    desired,
    live,
    writes,
    clock,
    timeoutMs: 800,
    rememberFailureMs: 1000,
    giveUpMs: 2000,
    most: 2,
  });
  return { ...stage, clock, desired, live, ensure };
}

/** Until it is given up, of which `aborted` tells. */
function hanging(aborted: string[]): SecretWrites['create'] {
  return (name, _, call) =>
    new Promise((_resolve, reject) => {
      call?.signal?.addEventListener('abort', () => {
        aborted.push(name);
        reject(new Error('given up'));
      });
    });
}

describe('createEnsure', () => {
  it('creates the Secret once for all who ask at once, and asks nobody once it is known', async () => {
    const { ensure, calls, get } = setUp();
    const results = await Promise.all(Array.from({ length: 200 }, () => ensure(TOM, false)));
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['created']));
    expect(await ensure(TOM, false)).toEqual({ kind: 'present' });
    expect(calls).toEqual(['create tom']);
    expect(get('tom')).toMatchObject({ sourcesAnnotation: '{"s":["a.io"]}' });
  });

  it('creates nothing under dryRun', async () => {
    const { ensure, calls } = setUp();
    expect(await ensure(TOM, true)).toEqual({ kind: 'dry-run' });
    expect(calls).toEqual([]);
  });

  it.each([
    [true, 'present'],
    [false, 'foreign'],
  ])('takes what another one made first for what it is (ours: %s)', async (owned, kind) => {
    const { ensure, calls, put } = setUp();
    put('tom', { owned });
    expect(await ensure(TOM, false)).toEqual({ kind });
    expect(await ensure(TOM, true)).toEqual({ kind });
    expect(calls).toEqual(['create tom', 'get tom']);
  });

  it('says so when what another one made is gone again', async () => {
    const { ensure, failures } = setUp();
    failures.push(new ApiError(409));
    expect(await ensure(TOM, false)).toEqual({
      kind: 'failed',
      sentence: 'it was deleted while it was being created',
    });
  });

  it('tells why it failed, remembers it for a while, and then tries again', async () => {
    const { ensure, failures, calls, clock } = setUp();
    failures.push(new ApiError(403, 'exceeded quota'));
    const failed = { kind: 'failed', sentence: 'exceeded quota' };
    expect(await ensure(TOM, false)).toEqual(failed);
    await clock.advance(999);
    expect(await ensure(TOM, false)).toEqual(failed);
    expect(calls).toEqual(['create tom']);
    await clock.advance(1);
    expect(await ensure(TOM, false)).toEqual({ kind: 'created' });
  });

  it('answers in time, and lets the creation end by itself', async () => {
    const answer = Promise.withResolvers<void>();
    const stage = createSecretsStage();
    const { ensure, clock } = setUp({
      create: async (name, content) => {
        await answer.promise;
        return stage.writes.create(name, content);
      },
    });
    const result = ensure(TOM, false);
    await clock.advance(800);
    expect(await result).toEqual({ kind: 'failed', sentence: 'the API server did not create it within 800 ms' });
    const second = ensure(TOM, false);
    answer.resolve();
    await settle();
    expect(await second).toEqual({ kind: 'created' });
    expect(stage.calls).toEqual(['create tom']);
    expect(clock.sleeping()).toEqual([]);
  });

  it('leaves a creation that goes on for long to the leader', async () => {
    const aborted: string[] = [];
    const { ensure, clock } = setUp({ create: hanging(aborted) });
    const result = ensure(TOM, false);
    await clock.advance(1999);
    expect(await result).toMatchObject({ kind: 'failed' });
    expect(aborted).toEqual([]);
    await clock.advance(1);
    expect(aborted).toEqual(['tom']);
    expect(await ensure(TOM, false)).toEqual({
      kind: 'failed',
      sentence: 'the API server did not create it within 2000 ms',
    });
  });

  it('creates few Secrets at once, and nothing for a Pod that was answered while it waited for its turn', async () => {
    const aborted: string[] = [];
    const created: string[] = [];
    const stage = createSecretsStage();
    const hang = hanging(aborted);
    const { ensure, clock } = setUp({
      create: (name, content, call) => {
        created.push(name);
        return name.startsWith('good') ? stage.writes.create(name, content) : hang(name, content, call);
      },
    });
    const ask = (name: string) => ensure({ ...TOM, name }, false);
    void ask('hung-0');
    await clock.advance(1500);
    void ask('hung-1');
    void ask('good-0');
    await clock.advance(400);
    const good = ask('good-1');
    await settle();
    expect(created).toEqual(['hung-0', 'hung-1']);
    await clock.advance(100);
    expect(await good).toEqual({ kind: 'created' });
    expect(created.slice(2)).toEqual(['good-0', 'good-1']);
    void ask('hung-2');
    void ask('good-2');
    await clock.advance(1500);
    expect(aborted).toEqual(['hung-0', 'hung-1']);
    expect(created.slice(4)).toEqual(['hung-2']);
  });

  it('does not try what cannot fit', async () => {
    const { ensure, desired, calls } = setUp();
    const huge = 'x'.repeat(600_000);
    desired.setSource('big', sampleSource('big', { namespaces: '*', registries: { 'big.io': huge } }));
    expect(await ensure(TOM, false)).toMatchObject({ kind: 'failed', sentence: expect.stringMatching(/do not fit/) });
    expect(calls).toEqual([]);
  });
});
