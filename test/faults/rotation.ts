import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Replica } from '../../tools/installation/installation.ts';
import { examine, expectUnharmed, readLogTail, type Health } from './health.ts';
import { NAMESPACES, RIGHT_WITHIN_MS } from './settings.ts';
import { sameForAll, type Credentials } from './truth.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

/** Namespaces that all follow one source, and a neighbour whose Secret of the same name is nobody's but its own. */
export interface Rotation {
  readonly world: () => World;
  readonly names: readonly string[];
  /** Changes the source, so that every managed Secret must follow. */
  readonly rotate: () => Promise<void>;
  /** The same, and returns as soon as the first Secrets have followed. */
  readonly beginRotation: () => Promise<void>;
  /** What each managed Secret should hold after the last rotation. */
  readonly expected: () => ReadonlyMap<string, Credentials>;
  /** Waits for it; the 5 s are counted from this call, which is the fault's end. */
  readonly expectRight: () => Promise<void>;
  /** Waits for a namespace that is not among them and follows the source as well, 5 s from `since`, or from this call. */
  readonly expectFollower: (namespace: string, since?: number) => Promise<void>;
  /** The test kills the first replica: there is no process to compare with afterwards. */
  readonly expectKill: () => void;
}

/**
 * Sets up what a fault is tried on, for the tests of one file. After each, the replica must be the process it was, with
 * the memory it had, and no foreign Secret may have changed.
 */
export function useRotation(options: WorldOptions = {}): Rotation {
  const names = Array.from({ length: NAMESPACES }, (_, i) => `n-${i}`);
  let world: World | undefined;
  let version = 0;
  let before: Health | undefined;
  let foreign: string;

  const theWorld = (): World => {
    if (world === undefined) throw new Error('the world has not begun');
    return world;
  };
  const replica = (): Replica => theWorld().product.replica;
  const credentials = (): Credentials => ({ 'harbor.example.com': `puller:v${version}` });
  const expected = () => sameForAll(names, credentials());

  beforeAll(async () => {
    world = await startWorld(options);
    const { truth, api } = world;
    await truth.setSource('harbor', 'v0');
    await api.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'theirs' } } });
    await api.call({
      method: 'POST',
      path: '/api/v1/namespaces/theirs/secrets',
      body: { metadata: { name: 'pullkeeper' }, stringData: { theirs: '1' } },
    });
    await api.call({
      method: 'PATCH',
      path: '/api/v1/namespaces/theirs',
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { 'pullkeeper.dev/inject': 'enabled' } } },
    });
    await truth.enableNamespaces(names);
    await truth.becomesRight(expected(), { since: performance.now(), ms: 60_000 });
    await rotate();
    const ms = await truth.becomesRight(expected(), { since: performance.now(), ms: 60_000 });
    console.info(`without a fault, a rotation over ${names.length} namespaces takes ${Math.round(ms)} ms here`);
  });
  afterAll(() => world?.stop());

  beforeEach(async () => {
    before = await examine(replica());
    foreign = await theWorld().truth.foreign();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(await readLogTail(replica()));
    if (before !== undefined) await expectUnharmed(replica(), before);
    expect(await theWorld().truth.foreign()).toBe(foreign);
  });

  async function rotate(): Promise<void> {
    version += 1;
    await theWorld().truth.setSource('harbor', `v${version}`);
  }

  async function countRight(): Promise<number> {
    const held = await theWorld().truth.held();
    return names.filter((name) => held.get(name)?.['harbor.example.com'] === `puller:v${version}`).length;
  }

  return {
    world: theWorld,
    names,
    rotate,
    beginRotation: async () => {
      await rotate();
      while ((await countRight()) === 0) await sleep(1);
    },
    expected,
    expectRight: async () => {
      const ms = await theWorld().truth.becomesRight(expected(), { since: performance.now(), ms: 60_000 });
      console.info(`right after ${Math.round(ms)} ms`);
      expect(ms).toBeLessThan(RIGHT_WITHIN_MS);
    },
    expectFollower: async (namespace, since = performance.now()) => {
      const right = new Map([[namespace, credentials()]]);
      await theWorld().truth.becomesRight(right, { since, ms: RIGHT_WITHIN_MS });
    },
    expectKill: () => {
      before = undefined;
    },
  };
}
