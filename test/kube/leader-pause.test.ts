import { beforeEach, describe, expect, test } from 'vitest';
import { callsOf, createArena, type Arena } from './leader-arena.ts';

let arena: Arena;
beforeEach(() => {
  arena = createArena();
});

describe('a leader that is stopped like by SIGSTOP', () => {
  test.each([
    ['as they fell due', (due: (() => void)[]) => due],
    ['the other way round', (due: (() => void)[]) => due.toReversed()],
  ])('does not believe that it leads when it goes on, its events coming %s', async (_, arrange) => {
    const { a, b } = await arena.startPair();
    const before = a.leadership();
    a.machine.stop();
    await arena.world.advance(20_000);
    expect(b.isLeader()).toBe(true);
    const requests = a.wire.requests.length;
    expect(before?.isLeader()).toBe(false); // before any of its timers has run
    a.machine.goOn(arrange);
    expect(before?.isLeader()).toBe(false);
    await arena.world.advance(60_000, () => expect(a.isLeader()).toBe(false));
    expect(a.wire.requests.slice(requests).map(({ method }) => method)).not.toContain('PUT');
    expect(a.story).toEqual(['4 sees a', '4 leads', '30000 stopped: deadline', '30002 sees b']);
    expect(b.isLeader()).toBe(true);
  });

  test('gains nothing from the answer to a renewal that was waiting for it', async () => {
    const { a } = await arena.startPair();
    await arena.world.advance(5); // the renewal of 10,004 is on its way
    expect(callsOf(a).at(-1)).toBe('PUT');
    a.machine.stop();
    await arena.world.advance(12_000);
    expect(arena.spec()).toMatchObject({ renewTime: '1970-01-01T00:00:10.004000Z' });
    expect(a.isLeader()).toBe(false);
    a.machine.goOn((due) => due.toReversed());
    await arena.world.advance(0);
    expect(a.story.slice(0, 3)).toEqual(['4 sees a', '4 leads', '22005 stopped: deadline']);
  });

  test('leads again in a new term when nobody stepped in; the old term stays over', async () => {
    const a = arena.start('a');
    await arena.world.advance(9000);
    const before = a.leadership();
    a.machine.stop();
    await arena.world.advance(3_600_000);
    a.machine.goOn();
    await arena.world.advance(100, () => expect(before?.isLeader()).toBe(false));
    expect(a.story).toEqual(['4 sees a', '4 leads', '3609000 stopped: deadline', '3609004 leads']);
    expect(a.isLeader()).toBe(true);
  });

  test('begins no term when it hears too late that it has the Lease', async () => {
    const a = arena.start('a');
    await arena.world.advance(3);
    a.machine.stop(); // its POST has been done
    await arena.world.advance(12_000);
    a.machine.goOn();
    expect(a.story).toEqual([]);
    await arena.world.advance(10);
    expect(a.story).toEqual(['12003 sees a', '12007 leads']);
    expect(a.leadership()?.remainingMs()).toBeGreaterThan(9900);
  });

  test('cannot take what it found free before it was stopped', async () => {
    const a = arena.start('a');
    await arena.world.advance(1);
    a.machine.stop(); // the answer that there is no Lease waits for it
    const b = arena.start('b');
    await arena.world.advance(10_000);
    a.machine.goOn();
    await arena.world.advance(10_000);
    expect(a.story).toEqual(['10005 sees b']);
    expect(b.isLeader()).toBe(true);
  });
});
