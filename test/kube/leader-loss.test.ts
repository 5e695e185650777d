import { beforeEach, describe, expect, test } from 'vitest';
import { createArena, type Arena } from './leader-arena.ts';

let arena: Arena;
beforeEach(() => {
  arena = createArena();
});

describe('losing the Lease', () => {
  test.each(['refused', 'fails', 'swallows', 'loses answers'] as const)(
    'when the API server %s, the leader stops a renew deadline after it sent its last good renewal',
    async (link) => {
      const a = arena.start('a');
      await arena.world.advance(9000);
      a.wire.link = link;
      // Sent at 8004, each 2000 ms after the first at 4.
      await arena.world.advance(9003);
      expect(a.isLeader()).toBe(true);
      expect(a.leadership()?.remainingMs()).toBe(1);
      await arena.world.advance(1);
      expect(a.isLeader()).toBe(false);
      expect(a.leadership()?.remainingMs()).toBe(0);
      expect(a.leadership()?.signal.reason).toMatchObject({
        name: 'LeadershipEnded',
        end: { code: 'deadline', sentence: 'no renewal was accepted for 10 s' },
      });
      expect(a.story).toEqual(['4 sees a', '4 leads', '18004 stopped: deadline']);
    },
  );

  test.each(['refused', 'fails', 'swallows', 'loses answers'] as const)(
    'an API server that %s for 6 s costs no leadership',
    async (link) => {
      const a = arena.start('a');
      await arena.world.advance(9000);
      a.wire.link = link;
      await arena.world.advance(6000);
      a.wire.link = 'works';
      await arena.world.advance(60_000);
      expect(a.story).toEqual(['4 sees a', '4 leads']);
      expect(a.isLeader()).toBe(true);
      expect(a.troubles.length).toBeGreaterThan(0);
    },
  );

  test.each([
    ['refused', 2000],
    ['fails', 2000],
    ['swallows', 2500],
    ['loses answers', 2500],
  ] as const)('after the API server %s for an hour, it leads again within %d ms', async (link, limit) => {
    const a = arena.start('a');
    await arena.world.advance(9000);
    a.wire.link = link;
    await arena.world.advance(3_600_000);
    a.wire.link = 'works';
    await arena.world.advance(limit + 10);
    expect(a.story.map((line) => line.replace(/^\d+ /, ''))).toEqual(['sees a', 'leads', 'stopped: deadline', 'leads']);
    expect(arena.spec()).toMatchObject({ acquireTime: '1970-01-01T00:00:00.002000Z', leaseTransitions: 0 });
    // No more than one try a retry period, GET and PUT being one.
    expect(a.wire.requests.length).toBeLessThan(2 * (3_609_000 / 2000));
  });

  test.each([
    ['refused', 2000],
    ['swallows', 2500],
    ['loses answers', 2500],
  ] as const)('it does so at whatever moment the API server that %s is back', async (link, limit) => {
    const a = arena.start('a');
    for (let moment = 0; moment < 5000; moment += 450) {
      a.wire.link = link;
      await arena.world.advance(30_000 + moment);
      expect(a.isLeader()).toBe(false);
      a.wire.link = 'works';
      await arena.world.advance(limit + 10);
      expect(a.isLeader(), `back after ${moment} ms more`).toBe(true);
    }
  });

  test('a Lease that names another ends the term at the next renewal', async () => {
    const { a } = await arena.startPair();
    arena.edit({ holderIdentity: 'usurper' });
    await arena.world.advance(10);
    expect(a.story).toEqual(['4 sees a', '4 leads', '10008 sees usurper', '10008 stopped: taken']);
    expect(a.leadership()?.signal.reason).toMatchObject({
      end: { code: 'taken', sentence: 'the Lease says that usurper leads' },
    });
    await arena.world.advance(14_000);
    expect(arena.spec()).toMatchObject({ holderIdentity: 'usurper' });
  });

  test('a Lease that names nobody ends the term, too: who knows who led in between', async () => {
    const a = arena.start('a');
    await arena.world.advance(9000);
    const before = a.leadership();
    arena.edit({ holderIdentity: '' });
    await arena.world.advance(1100);
    expect(a.story).toEqual(['4 sees a', '4 leads', '10008 stopped: taken', '10012 sees a', '10012 leads']);
    expect(before?.isLeader()).toBe(false);
    expect(arena.spec()).toMatchObject({ holderIdentity: 'a', leaseTransitions: 1 });
  });

  test('a Lease that was deleted is put back by its leader; who knew of the leader does not step in', async () => {
    const { a, b } = await arena.startPair();
    arena.deleteLease();
    await arena.world.advance(60_000);
    expect(a.story).toEqual(['4 sees a', '4 leads']);
    expect(b.story).toEqual(['102 sees a']);
    expect(arena.spec()).toMatchObject({ holderIdentity: 'a', leaseTransitions: 0 });
  });

  test('a Lease that was deleted with its leader gone is created anew when it has run out', async () => {
    const { a, b } = await arena.startPair();
    a.machine.stop();
    arena.deleteLease();
    await arena.world.advance(12_000);
    expect(b.isLeader()).toBe(false);
    await arena.world.advance(7000);
    expect(b.isLeader()).toBe(true);
    expect(arena.spec()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 0 });
  });

  test('trouble is told with what was tried and what was answered', async () => {
    const a = arena.start('a', { link: 'fails' });
    await arena.world.advance(10);
    a.wire.link = 'works';
    await arena.world.advance(2100);
    a.wire.link = 'refused';
    await arena.world.advance(2000);
    const lease = 'pullkeeper-system/pullkeeper';
    expect(a.troubles).toEqual([
      { code: 'read-failed', sentence: `Lease ${lease} could not be read: 500 InternalError: etcd is away` },
      {
        code: 'write-failed',
        sentence: `Lease ${lease} could not be written: 0 ECONNREFUSED: the API server gave no answer: refused`,
      },
    ]);
  });

  test('an error that is not of the API server is trouble as well, without its message', async () => {
    const a = arena.start('a', { link: 'breaks' });
    await arena.world.advance(10);
    a.wire.link = 'works';
    await arena.world.advance(2000);
    expect(a.isLeader()).toBe(true);
    expect(a.troubles).toEqual([
      { code: 'read-failed', sentence: 'Lease pullkeeper-system/pullkeeper could not be read: TypeError' },
    ]);
  });
});
