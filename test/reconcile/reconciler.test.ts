import { describe, expect, it } from 'vitest';
import { parseSelector } from '../../src/core/sources/label-selector.ts';
import { createTokenBuckets } from '../../src/core/token-buckets.ts';
import { createDesiredState, type Namespace } from '../../src/reconcile/desired-state.ts';
import { createGraceTimes } from '../../src/reconcile/grace.ts';
import { createLiveSecrets } from '../../src/reconcile/live-secrets.ts';
import { createReconciler } from '../../src/reconcile/reconciler.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { sampleSource, type SampleSource } from '../support/source-samples.ts';
import { ApiError, createSecretsStage } from './secrets-stage.ts';

const ENABLED = { inject: 'enabled' };

/** One namespace `tom`, one source `s` for it, and a watch that tells when the test says so. */
function setUp(options: { readonly burst?: number } = {}) {
  const clock = createManualClock();
  const stage = createSecretsStage();
  const namespaces = new Map<string, Namespace>();
  const watched = new Map<string, ReturnType<typeof stage.get>>();
  let version = '0';
  const selector = parseSelector('inject=enabled');
  if (selector.kind !== 'valid') throw new Error(selector.sentence);
  const desired = createDesiredState({
    selector: selector.selector,
    excluded: new Set(),
    namespaces,
    sha256: (text) => `hash of ${text}`,
    onAffected: () => undefined,
  });
  const live = createLiveSecrets({ get: (name) => watched.get(name), version: () => version });
  const plans: string[] = [];
  const troubles: string[] = [];
  const leader = { isOne: true };
  const seen = { enabled: true };
  const reconciler = createReconciler({
    desired,
    namespaces,
    live,
    writes: stage.writes,
    grace: createGraceTimes(1000, clock),
    wasEnabled: () => seen.enabled,
    pace: createTokenBuckets({ burst: options.burst ?? 100, intervalMs: 3000 }),
    clock,
    mayWrite: () => leader.isOne,
    onPlan: (_, { action, code }) => plans.push(`${action} ${code}`),
    onTrouble: (_, error) => troubles.push(error instanceof Error ? error.message : ''),
  });
  const world = {
    ...stage,
    clock,
    live,
    plans,
    troubles,
    leader,
    seen,
    setNamespace: (labels: Record<string, string> | undefined, deleting = false) => {
      if (labels === undefined) namespaces.delete('tom');
      else namespaces.set('tom', { name: 'tom', labels, uid: 'n', deleting });
    },
    setSource: (sample: SampleSource | undefined, name = 's') =>
      desired.setSource(name, sample === undefined ? undefined : sampleSource(name, sample)),
    /** The watch tells how it is. */
    tell: () => {
      const now = stage.get('tom');
      if (now === undefined) watched.delete('tom');
      else watched.set('tom', now);
      version = stage.version();
      live.catchUp('tom');
    },
    run: () => reconciler.reconcile('tom', new AbortController().signal),
    holds: async () => {
      const held = await stage.writes.readEntries('tom');
      stage.calls.pop();
      return held && Object.fromEntries(['a.io', 'b.io'].map((key) => [key, held.find(key)?.password]));
    },
  };
  world.setNamespace(ENABLED);
  world.setSource({ namespaces: '*', registries: { 'a.io': 'a1', 'b.io': 'b1' } });
  return world;
}

const DONE = { kind: 'done' };

describe('a namespace', () => {
  it('gets its Secret, follows the source, and costs nothing while nothing changes', async () => {
    const world = setUp();
    expect(await world.run()).toEqual(DONE);
    expect(await world.run()).toEqual(DONE);
    world.tell();
    expect(await world.run()).toEqual(DONE);
    world.setSource({ namespaces: '*', registries: { 'a.io': 'a2' } });
    expect(await world.run()).toEqual(DONE);
    expect(await world.run()).toEqual(DONE);
    expect(world.calls).toEqual(['create tom', 'update tom']);
    expect(world.plans).toEqual([
      'create missing',
      'leave up-to-date',
      'leave up-to-date',
      'update content-changed',
      'leave up-to-date',
    ]);
    expect(await world.holds()).toEqual({ 'a.io': 'a2', 'b.io': undefined });
  });

  it.each([
    ['is gone', undefined, false, 'leave namespace-gone'],
    ['ends', ENABLED, true, 'leave namespace-terminating'],
    ['is not enabled', {}, false, 'leave not-enabled'],
  ])('that %s is left alone', async (_, labels, deleting, plan) => {
    const world = setUp();
    world.setNamespace(labels, deleting);
    expect(await world.run()).toEqual(DONE);
    expect([world.plans, world.calls]).toEqual([[plan], []]);
  });

  it('that is no longer enabled loses its Secret when the grace is over', async () => {
    const world = setUp();
    await world.run();
    world.setNamespace({});
    expect(await world.run()).toEqual({ kind: 'done', againMs: 1000 });
    await world.clock.advance(400);
    expect(await world.run()).toEqual({ kind: 'done', againMs: 600 });
    await world.clock.advance(600);
    expect(await world.run()).toEqual(DONE);
    expect(world.calls).toEqual(['create tom', 'delete tom']);
    expect(world.get('tom')).toBeUndefined();
  });

  it('that was never seen enabled, and has a Secret with our label, gets nothing into it, and loses it after the grace', async () => {
    const world = setUp();
    world.seen.enabled = false;
    world.setNamespace({});
    world.put('tom', {});
    world.tell();
    expect(await world.run()).toEqual({ kind: 'done', againMs: 1000 });
    expect([world.plans, world.calls]).toEqual([['leave grace-unseen'], []]);
    await world.clock.advance(1000);
    expect(await world.run()).toEqual(DONE);
    expect(world.calls).toEqual(['delete tom']);
  });

  it('that is enabled again within the grace has a whole one the next time', async () => {
    const world = setUp();
    await world.run();
    world.setNamespace({});
    await world.run();
    await world.clock.advance(900);
    world.setNamespace(ENABLED);
    await world.run();
    world.setNamespace({});
    expect(await world.run()).toEqual({ kind: 'done', againMs: 1000 });
    expect(world.calls).toEqual(['create tom']);
  });

  it('keeps what was removed for the grace, by the source it came from, and what was refused for as long as it is', async () => {
    const world = setUp();
    await world.run();
    world.setSource({ namespaces: '*', registries: { 'a.io': undefined, 'b.io': 'b2' } });
    expect(await world.run()).toEqual(DONE);
    expect(await world.holds()).toEqual({ 'a.io': 'a1', 'b.io': 'b2' });
    await world.clock.advance(10_000);
    expect(await world.run()).toEqual(DONE);
    expect(await world.holds()).toEqual({ 'a.io': 'a1', 'b.io': 'b2' });
    world.setSource(undefined);
    expect(await world.run()).toEqual({ kind: 'done', againMs: 1000 });
    expect(await world.holds()).toEqual({ 'a.io': 'a1', 'b.io': 'b2' });
    await world.clock.advance(1000);
    expect(await world.run()).toEqual(DONE);
    expect(await world.holds()).toEqual({ 'a.io': undefined, 'b.io': undefined });
  });

  it('keeps nothing out of a Secret that was edited between the plan and the reading', async () => {
    const world = setUp();
    await world.run();
    world.tell();
    world.setSource(undefined);
    world.put('tom', { contentHash: 'forged' }, { 'a.io': 'forged' });
    await world.run();
    expect(await world.holds()).toEqual({ 'a.io': undefined, 'b.io': undefined });
  });
});

describe('a Secret', () => {
  it('that is not ours is left alone', async () => {
    const world = setUp();
    world.put('tom', { owned: false });
    world.tell();
    expect(await world.run()).toEqual(DONE);
    expect([world.plans, world.calls]).toEqual([['conflict foreign-secret'], []]);
  });

  it('that is held up in its deletion is looked at again', async () => {
    const world = setUp();
    world.put('tom', { deleting: true });
    world.tell();
    expect(await world.run()).toEqual({ kind: 'done', againMs: 5000 });
    expect([world.plans, world.calls]).toEqual([['leave being-deleted'], []]);
  });

  it.each([
    ['of another type', { type: 'Opaque' }, 'replace wrong-type'],
    ['that is immutable', { immutable: true }, 'replace immutable'],
  ])('%s is deleted and made anew in one go', async (_, secret, plan) => {
    const world = setUp();
    world.put('tom', secret);
    world.tell();
    expect(await world.run()).toEqual(DONE);
    expect([world.plans, world.calls]).toEqual([[plan], ['delete tom', 'create tom']]);
    expect(world.live.expectsGone('tom', 'u0')).toBe(true);
  });

  it('that is made anew keeps what only the old one held, for as long as that would have', async () => {
    const world = setUp();
    await world.run();
    world.setSource({ namespaces: '*', registries: { 'a.io': undefined, 'b.io': 'b2' } });
    await world.run();
    world.setSource({ namespaces: '*', registries: { 'c.io': 'c1' } }, 'other');
    await world.run();
    world.setSource(undefined, 'other');
    world.put('tom', { immutable: true }, { 'a.io': 'a1', 'b.io': 'b2', 'c.io': 'c1' });
    world.tell();
    expect(await world.run()).toEqual({ kind: 'done', againMs: 1000 });
    expect(world.get('tom')).toMatchObject({
      immutable: false,
      sourcesAnnotation: '{"other":["c.io"],"s":["a.io","b.io"]}',
    });
    expect(await world.holds()).toEqual({ 'a.io': 'a1', 'b.io': 'b2' });
  });

  it('that a finalizer holds when we delete it, is left alone until it is gone', async () => {
    const world = setUp();
    world.put('tom', { immutable: true });
    world.tell();
    world.held.add('tom');
    world.onCall((call) => {
      if (call === 'create tom') world.tell();
    });
    expect(await world.run()).toEqual({ kind: 'done', againMs: 5000 });
    expect(world.plans).toEqual(['replace immutable', 'leave being-deleted']);
    expect(world.calls).toEqual(['delete tom', 'create tom', 'get tom']);
  });

  it('is not made anew by who no longer leads once it is deleted', async () => {
    const world = setUp();
    world.put('tom', { immutable: true });
    world.tell();
    world.onCall(() => {
      world.leader.isOne = false;
    });
    await world.run();
    expect(world.calls).toEqual(['delete tom']);
  });

  it('that somebody else made first, as ours, is found to be right', async () => {
    const world = setUp();
    const other = setUp();
    await other.run();
    const theirs = other.get('tom');
    if (theirs === undefined) throw new Error('it is not there');
    world.put('tom', theirs);
    expect(await world.run()).toEqual(DONE);
    expect(world.calls).toEqual(['create tom', 'get tom']);
    expect(world.plans).toEqual(['create missing', 'leave up-to-date']);
  });

  it('that somebody else made first and is not ours, is left alone', async () => {
    const world = setUp();
    world.put('tom', { owned: false });
    expect(await world.run()).toEqual(DONE);
    expect(world.plans).toEqual(['create missing', 'conflict foreign-secret']);
  });

  it('that changed since it was seen is planned for anew', async () => {
    const world = setUp();
    await world.run();
    world.tell();
    world.put('tom', { contentHash: 'theirs' });
    world.setSource({ namespaces: '*', registries: { 'a.io': 'a2' } });
    expect(await world.run()).toEqual(DONE);
    expect(world.calls).toEqual(['create tom', 'update tom', 'get tom', 'update tom']);
    expect(world.plans.slice(1)).toEqual(['update content-changed', 'update edited']);
  });

  it('that was deleted since it was seen is made anew', async () => {
    const world = setUp();
    await world.run();
    world.tell();
    world.remove('tom');
    world.setSource({ namespaces: '*', registries: { 'a.io': 'a2' } });
    expect(await world.run()).toEqual(DONE);
    expect(world.calls).toEqual(['create tom', 'update tom', 'get tom', 'create tom']);
  });

  it('over which somebody is always faster waits for its next turn', async () => {
    const world = setUp();
    world.failures.push(...Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? new ApiError(409) : undefined)));
    expect(await world.run()).toEqual({ kind: 'failed' });
    expect(world.calls).toEqual(Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? 'create tom' : 'get tom')));
  });

  it('is not written more often than the pace allows', async () => {
    const world = setUp({ burst: 2 });
    for (let i = 0; i < 2; i++) {
      expect(await world.run()).toEqual(DONE);
      world.remove('tom');
      world.tell();
    }
    expect(await world.run()).toEqual({ kind: 'done', againMs: 3000 });
    await world.clock.advance(3000);
    expect(await world.run()).toEqual(DONE);
    expect(world.calls).toEqual(['create tom', 'create tom', 'create tom']);
  });
});

describe('trouble', () => {
  it.each([
    ['no answer', new ApiError(0), { kind: 'pause' }],
    ['429', new ApiError(429, 'too many', 7), { kind: 'pause', atLeastMs: 7000 }],
    ['401', new ApiError(401), { kind: 'pause' }],
    ['500', new ApiError(500), { kind: 'pause' }],
    ['503', new ApiError(503), { kind: 'pause' }],
    [
      'a right that is missing',
      new ApiError(
        403,
        'secrets "pullkeeper" is forbidden: User "system:serviceaccount:a:b" cannot patch resource "secrets"',
      ),
      { kind: 'pause' },
    ],
  ])('of everybody (%s) makes all wait', async (_, error, expected) => {
    const world = setUp();
    world.failures.push(error);
    expect(await world.run()).toEqual(expected);
    expect(world.troubles).toEqual([error.message]);
  });

  it.each([
    ['a quota', new ApiError(403, 'secrets "pullkeeper" is forbidden: exceeded quota: q, requested: secrets=1')],
    ['a policy', new ApiError(422, 'denied')],
    [
      'a webhook that is down',
      new ApiError(500, 'Internal error occurred: failed calling webhook "a.example.com": failed to call webhook: …'),
    ],
    ['a bad request', new ApiError(400)],
  ])("of the namespace's own (%s) is thrown, for its own back-off", async (_, error) => {
    const world = setUp();
    world.failures.push(error);
    await expect(world.run()).rejects.toBe(error);
    expect(world.troubles).toEqual([]);
  });

  it('after the leadership is over is nobody’s: it is tried again, and nothing is written', async () => {
    const world = setUp();
    world.leader.isOne = false;
    expect(await world.run()).toEqual({ kind: 'failed' });
    expect([world.plans, world.calls]).toEqual([[], []]);
  });
});
