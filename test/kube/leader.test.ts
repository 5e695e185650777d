import { beforeEach, describe, expect, test } from 'vitest';
import { runLeaderElection } from '../../src/kube/leader.ts';
import { callsOf, createArena, type Arena } from './leader-arena.ts';
import { createMachine } from './leader-world.ts';

let arena: Arena;
beforeEach(() => {
  arena = createArena();
});

describe('taking the Lease', () => {
  test('the first one creates it and renews it each retry period, on top of what it wrote', async () => {
    const a = arena.start('a');
    await arena.world.advance(7000);
    expect(a.story).toEqual(['4 sees a', '4 leads']);
    expect(callsOf(a)).toEqual(['GET', 'POST', 'PUT', 'PUT', 'PUT']);
    expect(a.wire.requests[1]).toMatchObject({
      path: '/apis/coordination.k8s.io/v1/namespaces/pullkeeper-system/leases',
      timeoutMs: 5000,
      body: {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'pullkeeper', namespace: 'pullkeeper-system' },
        spec: {
          holderIdentity: 'a',
          leaseDurationSeconds: 15,
          acquireTime: '1970-01-01T00:00:00.002000Z',
          renewTime: '1970-01-01T00:00:00.002000Z',
          leaseTransitions: 0,
        },
      },
    });
    expect(arena.spec()).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '1970-01-01T00:00:00.002000Z',
      renewTime: '1970-01-01T00:00:06.004000Z',
      leaseTransitions: 0,
    });
    expect(a.troubles).toEqual([]);
  });

  test('of two that start together one leads, and the other learns at once who', async () => {
    const a = arena.start('a');
    const b = arena.start('b');
    await arena.world.advance(10);
    expect([a.story, b.story]).toEqual([['4 sees a', '4 leads'], ['6 sees a']]);
    expect(b.troubles).toEqual([]);
  });

  test.each([
    ['long ago', '1960-01-01T00:00:00.000000Z'],
    ['in the future', '2060-01-01T00:00:00.000000Z'],
  ])('a dead holder is waited for by our own clock, though the Lease says it renewed %s', async (_, renewTime) => {
    arena.start('dead').machine.stop();
    await arena.world.advance(10);
    const dead = arena.start('dead too');
    await arena.world.advance(10);
    dead.machine.stop();
    arena.edit({ renewTime, leaseTransitions: 7 });
    const b = arena.start('b', { random: () => 0 });
    await arena.world.advance(15_000);
    expect(b.story).toEqual(['22 sees dead too']);
    await arena.world.advance(2000);
    // The eighth look after the one at 22, each 2002 ms after the last, and then the write's 2 ms.
    expect(b.story).toEqual(['22 sees dead too', '16040 sees b', '16040 leads']);
    expect(arena.spec()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 8 });
  });

  test('as long as the record changes, nobody else takes it', async () => {
    const { a, b } = await arena.startPair();
    await arena.world.advance(120_000);
    expect(a.story).toEqual(['4 sees a', '4 leads']);
    expect(b.story).toEqual(['102 sees a']);
  });

  test("a holder's own duration counts, not the candidate's", async () => {
    const a = arena.start('a', { durations: { leaseSeconds: 40, renewDeadlineMs: 10_000, retryPeriodMs: 2000 } });
    await arena.world.advance(10);
    const b = arena.start('b');
    await arena.world.advance(10);
    a.machine.stop();
    await arena.world.advance(39_900);
    expect(b.isLeader()).toBe(false);
    await arena.world.advance(3300);
    expect(b.isLeader()).toBe(true);
  });

  test('a process of the same identity goes on where the last one was', async () => {
    const a = arena.start('a');
    await arena.world.advance(5000);
    a.machine.stop();
    arena.edit({ leaseTransitions: 3 });
    const again = arena.start('a');
    await arena.world.advance(10);
    expect(again.isLeader()).toBe(true);
    expect(arena.spec()).toMatchObject({ acquireTime: '1970-01-01T00:00:00.002000Z', leaseTransitions: 3 });
  });

  test('durations that cannot work are refused before anything is sent', async () => {
    const { machine, wire } = arena.start('unused');
    const election = runLeaderElection({
      client: wire.client,
      namespace: 'n',
      leaseName: 'l',
      identity: 'a',
      durations: { leaseSeconds: 10, renewDeadlineMs: 10_000, retryPeriodMs: 2000 },
      clock: machine.clock,
      random: () => 0,
      onStartedLeading: () => undefined,
      onStoppedLeading: () => undefined,
      onTrouble: () => undefined,
      signal: AbortSignal.abort(),
    });
    await expect(election).rejects.toThrow(RangeError);
    await expect(election).rejects.toThrow('the lease duration (10 s) must exceed the renew deadline (10000 ms)');
  });
});

test('clocks that run at other rates, from other starts, change nothing', async () => {
  const a = arena.start('a', { machine: createMachine(arena.world, { startsAt: 1e9, rate: 0.9, wallOffset: 1e12 }) });
  await arena.world.advance(100);
  const b = arena.start('b', { machine: createMachine(arena.world, { startsAt: 5, rate: 1.1 }) });
  await arena.world.advance(100_000);
  a.machine.stop();
  await arena.world.advance(30_000, () => expect(a.isLeader() && b.isLeader()).toBe(false));
  expect(b.isLeader()).toBe(true);
});
