import { beforeEach, expect, test } from 'vitest';
import { DEFAULT_ROTATION } from '../../src/core/tls/rotation-durations.ts';
import type { RotationStep, RotationTrouble } from '../../src/core/tls/rotation-outcome.ts';
import { listServiceNames } from '../../src/tls/issue.ts';
import { createSelfManaged, type SelfManaged, type Term } from '../../src/tls/self-managed.ts';
import { createSteppedClock, type SteppedClock } from './stepped-clock.ts';
import { createMailbox } from './material.ts';
import { createMemoryCluster, type MemoryCluster } from './memory-cluster.ts';

let cluster: MemoryCluster;
let clock: SteppedClock;
let steps: ReturnType<typeof createMailbox<RotationStep>>;
let troubles: ReturnType<typeof createMailbox<RotationTrouble>>;
let selfManaged: SelfManaged;
let ending: AbortController;
let term: Term;

beforeEach(() => {
  cluster = createMemoryCluster();
  clock = createSteppedClock(Date.parse('2026-01-01T00:00:00Z'));
  steps = createMailbox();
  troubles = createMailbox();
  ending = new AbortController();
  term = { signal: ending.signal, isLeader: () => !ending.signal.aborted };
  selfManaged = createSelfManaged({
    store: cluster.store,
    names: listServiceNames('pullkeeper', 'pullkeeper-system'),
    durations: DEFAULT_ROTATION,
    clock,
    // The upper end of each backoff step.
    random: () => 1,
    onStep: (step) => steps.tell(step),
    onTrouble: (trouble) => troubles.tell(trouble),
  });
});

/** Lets the last sleep see the end of the term. */
async function end(running: Promise<void>): Promise<void> {
  ending.abort();
  await running;
}

test('takes every step that is due, then rests and looks again within a minute', async () => {
  const running = selfManaged.run(term);
  const rest = await clock.nextSleep();
  expect(rest.ms).toBe(60_000);
  expect(steps.waiting).toEqual([
    {
      code: 'created',
      sentence:
        'there was no usable CA: a new one and a serving certificate were issued, good until 2026-01-30T23:55:00.000Z',
    },
    {
      code: 'bundle-published',
      sentence: 'the caBundle of the mutating webhook configuration pullkeeper was not what it should be: it was set',
    },
    {
      code: 'bundle-published',
      sentence: 'the caBundle of the validating webhook configuration pullkeeper was not what it should be: it was set',
    },
  ]);
  expect(troubles.waiting).toEqual([]);

  const before = cluster.bundles();
  cluster.setBundle('mutating', '');
  rest.wake();
  await clock.nextSleep();
  expect(cluster.bundles()).toEqual(before);
  await end(running);
});

test('a poke ends the rest', async () => {
  const running = selfManaged.run(term);
  await clock.nextSleep();
  const before = cluster.bundles();
  cluster.setBundle('validating', '');
  selfManaged.poke();
  await clock.nextSleep();
  expect(cluster.bundles()).toEqual(before);
  await end(running);
});

test('a poke while it reads is not lost', async () => {
  const running = selfManaged.run(term);
  const rest = await clock.nextSleep();
  const before = cluster.bundles();
  cluster.intercept = (call, when) => {
    if (call !== 'readSecret' || when !== 'after') return;
    cluster.intercept = () => {};
    cluster.setBundle('mutating', '');
    selfManaged.poke();
  };
  rest.wake();
  await clock.nextSleep();
  expect(cluster.bundles()).toEqual(before);
  await end(running);
});

test('what fails is told and tried again, ever later, and goes on once it works', async () => {
  cluster.intercept = (call) => {
    if (call === 'applyBundle') throw new Error('webhook configurations are forbidden');
  };
  const running = selfManaged.run(term);
  const waits: number[] = [];
  for (let failure = 1; failure <= 10; failure++) {
    const sleep = await clock.nextSleep();
    waits.push(sleep.ms);
    expect(await troubles.next()).toEqual({
      code: 'failed',
      sentence: 'the certificate rotation cannot go on now: webhook configurations are forbidden',
    });
    if (failure === 10) cluster.intercept = () => {};
    sleep.wake();
  }
  expect(waits).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  expect((await clock.nextSleep()).ms).toBe(60_000);
  expect(new Set(cluster.bundles())).toEqual(new Set([cluster.material().ca.certPem]));
  await end(running);
});

test('a conflict is told and read again', async () => {
  cluster.intercept = (call, when) => {
    if (call !== 'readSecret' || when !== 'after') return;
    cluster.intercept = () => {};
    cluster.putMaterial({ oldCerts: 'written by another' });
  };
  const running = selfManaged.run(term);
  (await clock.nextSleep()).wake();
  expect(await troubles.next()).toEqual({
    code: 'conflict',
    sentence: 'the certificate Secret was changed by someone else at the same time: it is read again',
  });
  expect((await clock.nextSleep()).ms).toBe(60_000);
  await end(running);
});

test('who undoes each write is told of, and does not make it a race', async () => {
  cluster.intercept = (call, when) => {
    if (call === 'applyBundle' && when === 'after') cluster.setBundle('mutating', '');
  };
  const running = selfManaged.run(term);
  const waits: number[] = [];
  for (let failure = 1; failure <= 4; failure++) {
    const sleep = await clock.nextSleep();
    waits.push(sleep.ms);
    expect(await troubles.next()).toEqual({
      code: 'undone',
      sentence:
        'something undoes what the certificate rotation writes (publish): look for another controller or a policy',
    });
    sleep.wake();
  }
  expect(waits).toEqual([200, 400, 800, 1600]);
  await end(running);
});

test('the end of the term ends the work, in a rest and in a call; the next term goes on', async () => {
  const running = selfManaged.run(term);
  await clock.nextSleep();
  await end(running);

  ending = new AbortController();
  cluster.setBundle('mutating', '');
  cluster.intercept = (call) => {
    if (call === 'applyBundle') ending.abort();
  };
  await selfManaged.run({ signal: ending.signal, isLeader: () => true });
  expect(cluster.bundles()[0]).toBe('');
  expect(troubles.waiting).toEqual([]);

  cluster.intercept = () => {};
  ending = new AbortController();
  const again = selfManaged.run({ signal: ending.signal, isLeader: () => true });
  await clock.nextSleep();
  expect(cluster.bundles()[0]).toBe(cluster.material().ca.certPem);
  await end(again);
});

test('leadership that ran out without a signal stops before a write', async () => {
  await selfManaged.run({ signal: ending.signal, isLeader: () => false });
  expect(cluster.secret()).toBeUndefined();
});
