import { expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import type { RotationDurations } from '../../src/core/tls/rotation-durations.ts';
import { findTrustFault, readBundle } from '../../src/tls/ca-bundle.ts';
import { listServiceNames } from '../../src/tls/issue.ts';
import { rotate } from '../../src/tls/rotate.ts';
import { createSecretSource, type SecretSource } from '../../src/tls/secret-source.ts';
import { createMemoryCluster } from './memory-cluster.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DURATIONS: RotationDurations = { caMs: 90 * HOUR, leafMs: 30 * HOUR, settleMs: HOUR, overlapMs: 6 * HOUR };
const NAMES = listServiceNames('pullkeeper', 'ns');
const SERVER_NAME = 'pullkeeper.ns.svc';
const TICK = 10 * MINUTE;
/** What is allowed to lag, is made to. */
const API_SERVER_LAGS = [0, 10 * MINUTE, 50 * MINUTE];
const REPLICA_LAGS = [
  { secret: 0, bundles: 0 },
  { secret: 0, bundles: 3 * HOUR },
  { secret: 5 * HOUR, bundles: 0 },
];

interface Snapshot {
  readonly at: number;
  readonly data: Readonly<Record<string, string>> | undefined;
  readonly bundles: readonly string[];
}

type Death = 'before' | 'after' | 'never';

/**
 * Three CA lives in simulated time. At every moment, every replica's leaf must be one that every API server accepts, with
 * the bundle as that API server sees it.
 *
 * @param die whether the leader dies at its next write, and on which side of its effect
 */
async function simulate(
  die: () => Death,
  durations = DURATIONS,
): Promise<{ authorities: number; leaves: number; deaths: number }> {
  const cluster = createMemoryCluster();
  let now = Date.parse('2026-01-01T00:00:00Z');
  const end = now + 3 * DURATIONS.caMs;
  const history: Snapshot[] = [];
  let deaths = 0;
  const authorities = new Set<string>();
  const leaves = new Set<string>();
  const faults = new Map<string, string | undefined>();

  const clock: Clock = {
    now: () => now,
    wallTime: () => now,
    sleep: (_ms, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
  };
  const sources = REPLICA_LAGS.map(() =>
    createSecretSource({
      secretKey: 'ns/tls',
      serverName: SERVER_NAME,
      clock,
      settleMs: durations.settleMs,
      onProblem: () => {},
    }),
  );

  cluster.onChange(() => {
    history.push({ at: now, data: cluster.secret()?.data, bundles: cluster.bundles() });
    const { ca, leaf } = cluster.material();
    authorities.add(ca.certPem);
    leaves.add(leaf.certPem);
    inform();
    check();
  });
  let death: Death = 'never';
  cluster.intercept = (call, when) => {
    if (call !== 'writeSecret' && call !== 'applyBundle') return;
    if (when === 'before') death = die();
    if (death !== when) return;
    deaths++;
    throw new Error('died');
  };

  function seenAt(time: number): Snapshot | undefined {
    return history.findLast(({ at }) => at <= time);
  }

  const informed: (readonly [Snapshot | undefined, Snapshot | undefined])[] = [];
  function inform(): void {
    for (const [index, { secret, bundles }] of REPLICA_LAGS.entries()) {
      const source = sources[index];
      const [late, live] = [seenAt(now - secret), seenAt(now - bundles)];
      const [lastLate, lastLive] = informed[index] ?? [];
      if (late !== undefined && late !== lastLate) source?.offer(late.data);
      if (live !== undefined && live !== lastLive) source?.offerBundles(live.bundles);
      informed[index] = [late, live];
    }
  }

  function check(): void {
    for (const source of sources) {
      const served = source.current();
      if (served === undefined) continue;
      if (served.notAfter.getTime() <= now) throw new Error(`a replica serves an expired leaf at ${now}`);
      for (const lag of API_SERVER_LAGS) {
        for (const bundle of seenAt(now - lag)?.bundles ?? []) {
          // Before the first bundle is there, nothing can be called.
          if (bundle === '') continue;
          const fault = faultOf(served.certPem, bundle);
          if (fault !== undefined) throw new Error(`an API server refuses a replica at ${now}: ${fault}`);
        }
      }
    }
  }

  function faultOf(certPem: string, bundle: string): string | undefined {
    const key = `${certPem}\n${bundle}`;
    if (!faults.has(key)) faults.set(key, findTrustFault(certPem, bundle, SERVER_NAME, new Date(now)));
    return faults.get(key);
  }

  let skew = 0;
  let restUntil = 0;
  for (; now < end; now += TICK) {
    inform();
    check();
    if (now + skew < restUntil) continue;
    try {
      await leadUntilIdle();
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'died') throw error;
      // Another leads from the next tick on, by another clock.
      restUntil = 0;
      skew = skew > 0 ? -MINUTE : MINUTE;
    }
  }

  async function leadUntilIdle(): Promise<void> {
    const signal = new AbortController().signal;
    for (;;) {
      const moment = { now: now + skew, signal, mayWrite: () => true };
      const rotated = await rotate({ store: cluster.store, names: NAMES, durations }, moment);
      if (rotated.result !== 'idle') continue;
      restUntil = rotated.until;
      return;
    }
  }

  await Promise.all(sources.map((source: SecretSource) => source.stop()));
  for (const source of sources) expect(source.current()).toBeDefined();
  expect(new Set(cluster.bundles().map((bundle) => readBundle(bundle).length)).size).toBe(1);
  return { authorities: authorities.size, leaves: leaves.size, deaths };
}

test('no replica is ever refused, with late API servers and late replicas', { timeout: 60_000 }, async () => {
  const { authorities, leaves, deaths } = await simulate(() => 'never');
  expect(authorities).toBe(5);
  expect(leaves).toBeGreaterThan(12);
  expect(deaths).toBe(0);
});

test('nor when the leader dies at every single write, before and after its effect', { timeout: 60_000 }, async () => {
  let writes = 0;
  const { authorities, leaves, deaths } = await simulate(() => (writes++ % 2 === 0 ? 'before' : 'after'));
  expect(authorities).toBeGreaterThan(3);
  expect(leaves).toBeGreaterThan(12);
  // Every write of every step, twice: a step each for leaves; five and as many bundles for each change of CA.
  expect(deaths).toBeGreaterThan(2 * (12 + 3 * 7));
});

test.each([
  ['lets no next CA settle', { ...DURATIONS, settleMs: 1 }],
  ['keeps no old CA', { ...DURATIONS, overlapMs: 1 }],
])('the simulation sees a leader that %s', { timeout: 60_000 }, async (_case, durations) => {
  await expect(simulate(() => 'never', durations)).rejects.toThrow('an API server refuses a replica');
});
