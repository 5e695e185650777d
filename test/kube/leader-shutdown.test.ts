import { beforeEach, describe, expect, test } from 'vitest';
import { callsOf, createArena, type Arena } from './leader-arena.ts';

let arena: Arena;
beforeEach(() => {
  arena = createArena();
});

describe('shutdown', () => {
  test('releases the Lease, and the other leads at its next look', async () => {
    const { a, b } = await arena.startPair();
    a.shutDown();
    expect(a.isLeader()).toBe(false);
    expect(a.leadership()?.signal.reason).toMatchObject({ end: { code: 'shutdown' } });
    await arena.world.advance(4);
    expect(a.hasEnded()).toBe(true);
    expect(a.story).toEqual(['4 sees a', '4 leads', '10000 stopped: shutdown']);
    expect(arena.spec()).toEqual({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: '1970-01-01T00:00:10.002000Z',
      renewTime: '1970-01-01T00:00:10.002000Z',
      leaseTransitions: 0,
    });
    await arena.world.advance(3200); // (1 + 1.2 × 0.5) retry periods
    expect(b.isLeader()).toBe(true);
    expect(arena.spec()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  test('waits for the work to end before it releases', async () => {
    const work = Promise.withResolvers<void>();
    const { a, b } = await arena.startPair({ work: () => work.promise });
    a.shutDown();
    expect(a.isLeader()).toBe(false);
    await arena.world.advance(3000);
    expect([a.hasEnded(), arena.spec()?.holderIdentity]).toEqual([false, 'a']);
    work.resolve();
    await arena.world.advance(4);
    expect([a.hasEnded(), arena.spec()?.holderIdentity]).toEqual([true, '']);
    expect(b.isLeader()).toBe(false);
  });

  test('leaves the Lease to run out when the work does not end', async () => {
    const { a, b } = await arena.startPair({ work: () => new Promise(() => undefined) });
    a.shutDown();
    await arena.world.advance(8003); // the last renewal was sent at 8004
    expect(a.hasEnded()).toBe(false);
    await arena.world.advance(1);
    expect(a.hasEnded()).toBe(true);
    expect(a.troubles).toEqual([
      {
        code: 'work-unfinished',
        sentence:
          "the leader's work goes on after its term: until it ends, no other term of Lease pullkeeper-system/pullkeeper begins here and the Lease is not released",
      },
    ]);
    expect(arena.spec()).toMatchObject({ holderIdentity: 'a' });
    await arena.world.advance(10_000);
    expect(b.isLeader()).toBe(true);
  });

  test('releases also when a renewal of its own is still on its way', async () => {
    const { a } = await arena.startPair();
    await arena.world.advance(3);
    const latencies = [10, 1, 1, 20]; // the renewal arrives after the GET that follows it, and before the release
    a.wire.latency = () => latencies.shift() ?? 6;
    await arena.world.advance(1);
    expect(callsOf(a).at(-1)).toBe('PUT');
    a.shutDown();
    await arena.world.advance(100);
    expect(a.hasEnded()).toBe(true);
    expect(callsOf(a).slice(-5)).toEqual(['PUT', 'GET', 'PUT', 'GET', 'PUT']);
    expect(arena.spec()).toMatchObject({
      holderIdentity: '',
      renewTime: expect.stringMatching(/10\.0[1-9]/) as string,
    });
    expect(a.troubles).toEqual([]);
  });

  test('gives up when the API server does not answer', async () => {
    const { a } = await arena.startPair();
    a.wire.link = 'swallows';
    a.shutDown();
    await arena.world.advance(2500);
    expect(a.hasEnded()).toBe(true);
    expect(a.troubles).toEqual([
      {
        code: 'release-failed',
        sentence:
          'Lease pullkeeper-system/pullkeeper could not be released, others take over when it has run out: 0 Timeout: the API server gave no answer: nothing came',
      },
    ]);
  });

  test('releases a Lease that it took without hearing of it', async () => {
    const a = arena.start('a');
    await arena.world.advance(2); // it knows that there is none, and has sent its own
    a.wire.link = 'works';
    expect(callsOf(a)).toEqual(['GET', 'POST']);
    a.shutDown();
    await arena.world.advance(10);
    expect(a.hasEnded()).toBe(true);
    expect(a.story).toEqual(['4 sees a']);
    expect(arena.spec()).toMatchObject({ holderIdentity: '' });
  });

  test('in the moment in which the Lease was taken ends the term before it begins', async () => {
    const a = arena.start('a');
    await arena.world.advance(3);
    a.machine.stop();
    await arena.world.advance(1);
    a.machine.goOn();
    a.shutDown();
    await arena.world.advance(10);
    expect(a.story).toEqual(['4 sees a']);
    expect(a.hasEnded()).toBe(true);
    expect(arena.spec()).toMatchObject({ holderIdentity: '' });
  });

  test('a candidate leaves the Lease alone', async () => {
    const { b } = await arena.startPair();
    const before = arena.spec();
    b.shutDown();
    await arena.world.advance(3);
    expect(b.hasEnded()).toBe(true);
    expect(callsOf(b)).not.toContain('PUT');
    expect(arena.spec()).toEqual(before);
  });

  test('a leader that lost it to another leaves it alone', async () => {
    const { a } = await arena.startPair();
    arena.edit({ holderIdentity: 'usurper' });
    a.shutDown(); // it does not know yet
    await arena.world.advance(10);
    expect(a.hasEnded()).toBe(true);
    expect(arena.spec()).toMatchObject({ holderIdentity: 'usurper', leaseDurationSeconds: 15 });
  });
});
