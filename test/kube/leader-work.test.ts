import { beforeEach, describe, expect, test } from 'vitest';
import { createArena, type Arena } from './leader-arena.ts';

let arena: Arena;
beforeEach(() => {
  arena = createArena();
});

describe("the leader's work", () => {
  test('that fails ends the term, and lets another lead', async () => {
    const work = Promise.withResolvers<void>();
    const { a, b } = await arena.startPair({ work: () => work.promise });
    work.reject(new TypeError('password'));
    await arena.world.advance(4000);
    expect(a.story).toEqual(['4 sees a', '4 leads', '10000 stopped: work-failed']);
    expect(b.isLeader()).toBe(true);
    expect(a.troubles).toEqual([{ code: 'work-failed', sentence: "the leader's work failed: TypeError" }]);
  });

  test('that fails where there is no other is tried again after the lease duration', async () => {
    let tries = 0;
    const a = arena.start('a', {
      work: () => {
        tries += 1;
        throw new Error('always');
      },
    });
    await arena.world.advance(14_000);
    expect(tries).toBe(1);
    await arena.world.advance(2000);
    expect(tries).toBe(2);
    expect(arena.spec()).toMatchObject({ leaseTransitions: 1 });
    expect(a.isLeader()).toBe(false);
  });

  test('may end by rejecting with what it was told', async () => {
    const { a } = await arena.startPair({
      work: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    a.shutDown();
    await arena.world.advance(10);
    expect(a.hasEnded()).toBe(true);
    expect(a.troubles).toEqual([]);
    expect(arena.spec()).toMatchObject({ holderIdentity: '' });
  });

  test('that outlives its term keeps this process from the next one, and says so', async () => {
    const work = Promise.withResolvers<void>();
    const a = arena.start('a', { work: () => work.promise });
    await arena.world.advance(9000);
    arena.edit({ holderIdentity: '' });
    await arena.world.advance(60_000);
    expect(a.story).toEqual(['4 sees a', '4 leads', '10008 stopped: taken']);
    expect(a.troubles.map(({ code }) => code)).toEqual(['work-unfinished']);
    work.resolve();
    await arena.world.advance(10);
    expect(a.story.slice(3)).toEqual(['69004 sees a', '69004 leads']);
  });

  test('may take a moment to end, also after the deadline', async () => {
    const a = arena.start('a', {
      work: ({ signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => arena.world.after(1500, resolve))),
    });
    await arena.world.advance(9000);
    a.wire.link = 'refused';
    await arena.world.advance(10_000);
    a.wire.link = 'works';
    await arena.world.advance(2000);
    expect(a.troubles.map(({ code }) => code)).not.toContain('work-unfinished');
    expect(a.story).toEqual(['4 sees a', '4 leads', '18004 stopped: deadline', '19508 leads']);
  });

  test('that outlives its term is not waited for at shutdown, and the Lease not released', async () => {
    const a = arena.start('a', { work: () => new Promise(() => undefined) });
    await arena.world.advance(9000);
    a.wire.link = 'refused';
    await arena.world.advance(60_000);
    a.wire.link = 'works';
    a.shutDown();
    await arena.world.advance(10);
    expect(a.hasEnded()).toBe(true);
    expect(arena.spec()).toMatchObject({ holderIdentity: 'a' });
  });
});
