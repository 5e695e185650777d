import { describe, expect, it } from 'vitest';
import type { KubeRequest } from '../../src/kube/client.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import { createNamespaceLookup } from '../../src/kube/namespaces.ts';
import { createManualClock } from '../support/manual-clock.ts';

function setUp(answer: (name: string) => unknown = (name) => ({ metadata: { name, uid: 'u', labels: { a: 'b' } } })) {
  const clock = createManualClock();
  const requests: KubeRequest[] = [];
  const lookup = createNamespaceLookup(
    {
      call: async (request) => {
        requests.push(request);
        await Promise.resolve();
        const found = answer(decodeURIComponent(request.path.slice(request.path.lastIndexOf('/') + 1)));
        if (found instanceof Error) throw found;
        return found;
      },
    },
    clock,
  );
  return { clock, lookup, requests };
}

describe('createNamespaceLookup', () => {
  it('tells how a namespace is now, asking for no longer than a Pod can wait', async () => {
    const { lookup, requests } = setUp();
    expect(await lookup.ask('tom')).toEqual({
      name: 'tom',
      uid: 'u',
      labels: expect.objectContaining({ a: 'b' }),
      deleting: false,
    });
    expect(requests).toEqual([{ method: 'GET', path: '/api/v1/namespaces/tom', timeoutMs: 800 }]);
  });

  it.each([
    [new KubeError(404, 'NotFound', 'no'), 'none'],
    [new KubeError(0, 'Timeout', 'no'), 'unknown'],
    [new KubeError(500, 'InternalError', 'no'), 'unknown'],
    [new KubeError(403, 'Forbidden', 'no'), 'unknown'],
  ])('takes %s for %s', async (error, expected) => {
    expect(await setUp(() => error).lookup.ask('tom')).toBe(expected);
  });

  it('asks once for a burst, and anew after a second', async () => {
    const { clock, lookup, requests } = setUp();
    const answers = await Promise.all(Array.from({ length: 50 }, () => lookup.ask('tom')));
    expect(new Set(answers).size).toBe(1);
    await clock.advance(999);
    await lookup.ask('tom');
    expect(requests).toHaveLength(1);
    await clock.advance(1);
    await lookup.ask('tom');
    expect(requests).toHaveLength(2);
  });

  it('asks 20 times a second at most, whoever names how many namespaces', async () => {
    const { clock, lookup, requests } = setUp();
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => lookup.ask(`n-${i}`)));
    expect(answers.filter((answer) => answer === 'unknown')).toHaveLength(980);
    await clock.advance(1000);
    await Promise.all(Array.from({ length: 1000 }, (_, i) => lookup.ask(`m-${i}`)));
    expect(requests).toHaveLength(40);
  });

  it('puts no name into the path as it came', async () => {
    const { lookup, requests } = setUp();
    await lookup.ask('../secrets/x?watch=1');
    expect(requests[0]?.path).toBe('/api/v1/namespaces/..%2Fsecrets%2Fx%3Fwatch%3D1');
  });
});
