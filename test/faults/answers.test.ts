import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { countRequests } from '../cluster/api-requests.ts';
import type { ProxiedRequest, Verdict } from './api-proxy.ts';
import { useRotation } from './rotation.ts';
import { FAULT_MS } from './settings.ts';

const { world, names, rotate, expected, expectRight } = useRotation();
const truth = () => world().truth;

/** The Status object that an API server's error comes with. */
function status(code: number, reason: string, headers: Readonly<Record<string, string>> = {}): Verdict {
  return {
    status: code,
    headers,
    body: JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message: reason }),
  };
}

const ANSWERS: readonly [string, (request: ProxiedRequest) => Verdict][] = [
  ['429 with Retry-After', () => status(429, 'TooManyRequests', { 'retry-after': '1' })],
  ['500', () => status(500, 'InternalError')],
  ['503 that is no Status object', () => ({ status: 503, body: '<html>upstream connect error</html>' })],
  ['JSON that ends in the middle', () => 'truncate'],
  ['JSON of nothing', () => ({ status: 200, body: '{}' })],
  [
    'a mixture',
    () =>
      (['forward', 'truncate', status(500, 'InternalError'), 'hang'] as const)[Math.floor(Math.random() * 4)] ??
      'forward',
  ],
];

describe('every managed Secret is right after answers of', () => {
  it.each(ANSWERS)('%s', async (_, verdict) => {
    const { proxy } = world();
    proxy.decide(verdict);
    // Watches that are open would go on, and be told of the rotation.
    proxy.cutWatches();
    await rotate();
    await sleep(FAULT_MS);
    proxy.decide(() => 'forward');
    await expectRight();
  });

  it('429 and 500 to writes alone', async () => {
    const { proxy } = world();
    let writes = 0;
    proxy.decide(({ method }) => {
      if (method === 'GET') return 'forward';
      writes += 1;
      return writes % 2 === 0 ? status(500, 'InternalError') : status(429, 'TooManyRequests', { 'retry-after': '1' });
    });
    await rotate();
    await sleep(FAULT_MS);
    proxy.decide(() => 'forward');
    await expectRight();
  });

  it('every call that came after 2 s each, without a storm', async () => {
    const { proxy, cluster } = world();
    const before = await countRequests(cluster);
    proxy.decide(({ isWatch }) => (isWatch ? 'forward' : { answerAfter: sleep(2000) }));
    await rotate();
    // Some are sent twice, since a slow API server looks like a dead line; that must not keep them from being answered.
    await truth().becomesRight(expected(), { since: performance.now(), ms: 60_000 });
    const after = await countRequests(cluster);
    proxy.decide(() => 'forward');
    expect(after.count(['APPLY'], 'secrets') - before.count(['APPLY'], 'secrets')).toBeLessThanOrEqual(
      3 * names.length,
    );
    expect(after.count(['WATCH']) - before.count(['WATCH'])).toBeLessThan(200);
    await expectRight();
  });
});
