import { beforeEach, expect, test } from 'vitest';
import { endOfTerm } from '../../src/core/lease/outcome.ts';
import { openTerm, type Term } from '../../src/kube/leader-term.ts';
import { createMachine, createWorld, type Machine, type World } from './leader-world.ts';

let world: World;
let machine: Machine;
let term: Term;
beforeEach(() => {
  world = createWorld();
  machine = createMachine(world, { startsAt: 1000 });
  term = openTerm(machine.clock, 10_000, 1000);
});

test('it lasts for the deadline from when the Lease was taken, and not a moment longer', async () => {
  await world.advance(9999);
  expect([term.isLeader(), term.remainingMs()]).toEqual([true, 1]);
  await world.advance(1);
  expect([term.isLeader(), term.remainingMs()]).toEqual([false, 0]);
});

test('a renewal moves the deadline to its own; one from before it does not move it back', async () => {
  await world.advance(4000);
  term.extend(3000);
  expect(term.remainingMs()).toBe(8000);
  term.extend(2000);
  expect(term.remainingMs()).toBe(8000);
});

test('a renewal that was sent in time and answered too late revives nothing', async () => {
  await world.advance(10_000);
  term.extend(10_900);
  expect(term.isLeader()).toBe(false);
  expect(term.signal.aborted).toBe(false); // the watch comes to it yet
});

test('the watch ends it at the deadline, renewals counted', async () => {
  const watch = term.watchDeadline();
  await world.advance(6000);
  term.extend(7000);
  await world.advance(9999);
  expect(term.signal.aborted).toBe(false);
  await world.advance(1);
  expect(term.signal.reason).toMatchObject({ name: 'LeadershipEnded', end: endOfTerm.deadline(10_000) });
  expect(await watch).toEqual(endOfTerm.deadline(10_000));
});

test('the first end counts, and ends the watch', async () => {
  const watch = term.watchDeadline();
  await world.advance(1);
  term.end(endOfTerm.taken('b'));
  term.end(endOfTerm.shutdown());
  expect(await watch).toEqual(endOfTerm.taken('b'));
  expect(term.signal.reason).toMatchObject({ message: 'the Lease says that b leads', end: endOfTerm.taken('b') });
  expect([term.isLeader(), term.remainingMs()]).toEqual([false, 0]);
  term.extend(1001);
  expect(term.isLeader()).toBe(false);
});
