import { describe, expect, it } from 'vitest';
import type { KubeRequest } from '../../src/kube/client.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import { createNamespaceLookup } from '../../src/kube/namespaces.ts';
import { createManualClock } from '../support/manual-clock.ts';

const enabled = (name: string): unknown => ({ metadata: { name, uid: 'u', labels: { enabled: 'yes' } } });
const notFound = new KubeError(404, 'NotFound', 'no');

function setUp(answer: (name: string) => unknown = enabled) {
  const clock = createManualClock();
  const requests: KubeRequest[] = [];
  const world = { answer };
  const lookup = createNamespaceLookup({
    client: {
      call: async (request) => {
        requests.push(request);
        const found = world.answer(decodeURIComponent(request.path.slice(request.path.lastIndexOf('/') + 1)));
        await Promise.resolve();
        if (found instanceof Error) throw found;
        return found;
      },
    },
    clock,
    isEnabled: ({ labels }) => labels.enabled === 'yes',
  });
  return { clock, lookup, requests, world };
}

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

describe('createNamespaceLookup', () => {
  it('tells how a namespace is now, asking for no longer than a Pod can wait', async () => {
    const { lookup, requests } = setUp();
    expect(await lookup.ask('tom', 'a')).toEqual({
      name: 'tom',
      uid: 'u',
      labels: expect.objectContaining({ enabled: 'yes' }),
      deleting: false,
    });
    expect(requests).toEqual([{ method: 'GET', path: '/api/v1/namespaces/tom', timeoutMs: 800 }]);
  });

  it.each([
    [notFound, 'none'],
    [new KubeError(0, 'Timeout', 'no'), 'unknown'],
    [new KubeError(500, 'InternalError', 'no'), 'unknown'],
    [new KubeError(403, 'Forbidden', 'no'), 'unknown'],
  ])('takes %s for %s', async (error, expected) => {
    expect(await setUp(() => error).lookup.ask('tom', 'a')).toBe(expected);
  });

  it('asks once for a burst into an enabled namespace, and anew after a second', async () => {
    const { clock, lookup, requests } = setUp();
    const answers = await Promise.all(times(50, () => lookup.ask('tom', 'a')));
    expect(new Set(answers).size).toBe(1);
    await clock.advance(999);
    await lookup.ask('tom', 'a');
    expect(requests).toHaveLength(1);
    await clock.advance(1);
    await lookup.ask('tom', 'a');
    expect(requests).toHaveLength(2);
  });

  it.each([
    ['is not there', () => notFound],
    ['is not enabled', (name: string) => ({ metadata: { name, uid: 'u' } })],
  ])('believes that one %s only when it was asked after the request came', async (_what, answer) => {
    const { lookup, requests, world } = setUp(answer);
    const before = lookup.ask('tom', 'a');
    // The question is under way, and the answer on its way back, when the namespace becomes enabled.
    await Promise.resolve();
    expect(requests).toHaveLength(1);
    world.answer = enabled;
    const after = times(20, () => lookup.ask('tom', 'a'));
    expect(await before).not.toMatchObject({ labels: { enabled: 'yes' } });
    for (const each of await Promise.all(after)) expect(each).toMatchObject({ labels: { enabled: 'yes' } });
    expect(requests).toHaveLength(2);
    world.answer = answer;
    expect(await lookup.ask('tim', 'a')).not.toMatchObject({ labels: { enabled: 'yes' } });
    world.answer = enabled;
    expect(await lookup.ask('tim', 'a')).toMatchObject({ labels: { enabled: 'yes' } });
  });

  it('asks 20 times a second at most, whoever names how many namespaces', async () => {
    const { clock, lookup, requests } = setUp();
    const answers = await Promise.all(times(1000, (i) => lookup.ask(`n-${i}`, `client-${i % 100}`)));
    expect(answers.filter((answer) => answer === 'unknown')).toHaveLength(980);
    await clock.advance(1000);
    await Promise.all(times(1000, (i) => lookup.ask(`m-${i}`, `client-${i % 100}`)));
    expect(requests).toHaveLength(40);
  });

  it('leaves half of that to others than one client', async () => {
    const { lookup, requests } = setUp();
    await Promise.all(times(1000, (i) => lookup.ask(`n-${i}`, 'flooder')));
    expect(requests).toHaveLength(10);
    const answers = await Promise.all(times(10, (i) => lookup.ask(`tom-${i}`, 'API server')));
    expect(answers).not.toContain('unknown');
  });

  it('puts no name into the path as it came', async () => {
    const { lookup, requests } = setUp();
    await lookup.ask('../secrets/x?watch=1', 'a');
    expect(requests[0]?.path).toBe('/api/v1/namespaces/..%2Fsecrets%2Fx%3Fwatch%3D1');
  });
});
