import { expect } from 'vitest';
import { createLeaseStore, type LeaseObject } from './leader-api.ts';
import { LEASE_PATH, startContestant, type Contestant, type ContestantOptions } from './leader-contestant.ts';
import { createWorld, type World } from './leader-world.ts';

/** A world with one Lease to fight for. */
export interface Arena {
  readonly world: World;
  start(identity: string, options?: ContestantOptions): Contestant;
  /**
   * `a` leads, `b` has seen it. It is 10,000 by the world's clock: a's last renewal was sent at 8004, the next one will be at
   * 10,004, and b looks again at 12,970.
   */
  startPair(optionsOfA?: ContestantOptions): Promise<{ a: Contestant; b: Contestant }>;
  spec(): LeaseObject['spec'] | undefined;
  /** As someone else with kubectl would. */
  edit(change: Partial<LeaseObject['spec']>): void;
  deleteLease(): void;
}

export function createArena(): Arena {
  const world = createWorld();
  const store = createLeaseStore();
  const start: Arena['start'] = (identity, options) => startContestant(world, store, identity, options);
  return {
    world,
    start,
    startPair: async (optionsOfA) => {
      const a = start('a', optionsOfA);
      await world.advance(100);
      const b = start('b');
      await world.advance(9900);
      expect([a.isLeader(), b.isLeader()]).toEqual([true, false]);
      return { a, b };
    },
    spec: () => store.get(LEASE_PATH)?.spec,
    edit: (change) => store.edit(LEASE_PATH, (lease) => void Object.assign(lease.spec, change)),
    deleteLease: () => store.delete(LEASE_PATH),
  };
}

/** The methods of what it asked the API server for, in order. */
export function callsOf(contestant: Contestant): string[] {
  return contestant.wire.requests.map((request) => request.method);
}
