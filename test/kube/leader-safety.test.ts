import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  double,
  infiniteStream,
  integer,
  nat,
  oneof,
  record,
  type Arbitrary,
} from 'fast-check';
import { expect, test } from 'vitest';
import { createLeaseStore, type Link } from './leader-api.ts';
import { LEASE_PATH, startContestant, type Contestant } from './leader-contestant.ts';
import { createMachine, createWorld, type MachineSettings } from './leader-world.ts';

/** What happens to one process at one moment. */
type Event =
  | { readonly kind: 'link'; readonly link: Link }
  | { readonly kind: 'latency'; readonly ms: number }
  | {
      readonly kind: 'stop' | 'stop at a write' | 'go on' | 'go on backwards' | 'shut down' | 'kill and start another';
    };

/** It is mended as often as it breaks, or soon nobody would lead. */
const LINKS: readonly Link[] = ['refused', 'fails', 'swallows', 'loses answers', 'works', 'works', 'works', 'works'];

const latency = oneof(integer({ min: 0, max: 2400 }), integer({ min: 0, max: 20_000 }));

const event: Arbitrary<Event> = oneof(
  { weight: 4, arbitrary: record({ kind: constant('link' as const), link: constantFrom(...LINKS) }) },
  // Short enough for an answer in time that a stopped process reads late; and longer than any timeout: such a write
  // arrives when its sender has given it up.
  { weight: 3, arbitrary: record({ kind: constant('latency' as const), ms: latency }) },
  {
    weight: 6,
    arbitrary: record({ kind: constantFrom('stop' as const, 'stop at a write', 'go on', 'go on', 'go on backwards') }),
  },
  { weight: 1, arbitrary: record({ kind: constantFrom('shut down' as const, 'kill and start another') }) },
);

const step = record({
  // Half of what happens happens to who leads.
  who: oneof(constant('the leader' as const), nat(3)),
  event,
  thenMs: oneof(integer({ min: 0, max: 3000 }), integer({ min: 0, max: 30_000 })),
});

/** Each within 7 % of the truth: a lease of 15 s and a deadline of 10 s forgive 50 % between two. */
const settings: Arbitrary<MachineSettings> = record({
  startsAt: integer({ min: -1e6, max: 1e6 }),
  rate: double({ min: 0.93, max: 1.07, noNaN: true }),
  wallOffset: integer({ min: 0, max: 1e12 }),
});

const RUNS = { numRuns: 150, seed: 20_260_101 };

/** A lease; the longest wait before and after it, and the longest call that hangs; by the slowest clock. */
const TAKEOVER_MS = (15_000 + 2 * 4400 + 5000) / 0.93;

test('whatever happens, no two lead at once; and when it is over, one leads', { timeout: 60_000 }, async () => {
  let terms = 0;
  await assert(
    asyncProperty(
      array(settings, { minLength: 4, maxLength: 4 }),
      array(step, { minLength: 15, maxLength: 60 }),
      infiniteStream(double({ min: 0, max: 0.999, noNaN: true })),
      async (machines, steps, randoms) => {
        const world = createWorld();
        const store = createLeaseStore();
        const all: Contestant[] = [];
        const begin = (machine: MachineSettings): Contestant => {
          const contestant = startContestant(world, store, `c${all.length}`, {
            machine: createMachine(world, machine),
            random: () => randoms.next().value ?? 0,
          });
          all.push(contestant);
          return contestant;
        };
        const slots = machines.map((machine) => ({ machine, contestant: begin(machine) }));
        const look = (): void => {
          const leaders = all.filter((one) => one.isLeader()).map(({ identity }) => identity);
          expect(leaders.length, `${leaders.join(' and ')} at ${world.now()}`).toBeLessThan(2);
        };

        for (const { who, event, thenMs } of steps) {
          const slot = who === 'the leader' ? slots.find((one) => one.contestant.isLeader()) : slots[who];
          if (slot !== undefined) {
            apply(event, slot.contestant);
            if (event.kind === 'kill and start another') slot.contestant = begin(slot.machine);
          }
          look();
          await world.advance(thenMs, look);
        }

        const current = slots.map(({ contestant }) => contestant);
        for (const contestant of current) {
          contestant.machine.goOn();
          Object.assign(contestant.wire, { link: 'works', stopAtWrite: false, latency: () => 1 });
        }
        // What is on its way may arrive for 20 s yet, and start the wait for a lease anew.
        await world.advance(20_000 + TAKEOVER_MS, look);
        const leaders = all.filter((one) => one.isLeader()).map(({ identity }) => identity);
        const isAnyLeft = current.some((one) => !one.hasEnded());
        expect(leaders).toEqual(isAnyLeft ? [store.get(LEASE_PATH)?.spec.holderIdentity] : []);
        terms += all.flatMap(({ story }) => story).filter((line) => line.endsWith(' leads')).length;
      },
    ),
    RUNS,
  );
  // Else it would hold because nothing happens.
  expect(terms).toBeGreaterThan(3 * RUNS.numRuns);
});

function apply(event: Event, contestant: Contestant): void {
  const { machine, wire } = contestant;
  if (event.kind === 'link') wire.link = event.link;
  if (event.kind === 'latency') wire.latency = () => event.ms;
  if (event.kind === 'stop at a write') wire.stopAtWrite = true;
  if (event.kind === 'go on') machine.goOn();
  if (event.kind === 'go on backwards') machine.goOn((due) => due.toReversed());
  if (event.kind === 'shut down') contestant.shutDown();
  // A process that was killed runs no more either, and what it sent is still on its way.
  if (event.kind === 'stop' || event.kind === 'kill and start another') machine.stop();
}
