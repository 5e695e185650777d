import { Agent, request } from 'undici';
import { expect, it } from 'vitest';
import { createPods, type PodStream } from './pod-stream.ts';
import { useClient, usePullkeeper, useTom } from './stage.ts';

const IMAGE = 'harbor.example.com/team/app:v1';

const { cluster, admin, product } = usePullkeeper();
const client = useClient(cluster);
useTom(admin);

/**
 * As much work as fits into 64 KiB, which is what is taken without a place of its own: 500 of these take several times as
 * long as one turn may last, on any machine.
 */
const REVIEW = JSON.stringify({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    operation: 'CREATE',
    namespace: 'tom',
    object: {
      spec: {
        containers: Array.from({ length: 2500 }, (_, i) => ({ image: `o.io/${i}` })),
      },
    },
  },
});

const CUT_OFF = 0;

async function askOnce(agent: Agent): Promise<number> {
  try {
    const { statusCode, headers, body } = await request(`${product().replica.webhookOrigin}/mutate`, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json' },
      body: REVIEW,
    });
    await body.dump();
    return statusCode === 503 && headers['retry-after'] !== '1' ? NaN : statusCode;
  } catch {
    // Its connection took too long to come about.
    return CUT_OFF;
  }
}

interface Flood {
  /** Ends it, and says how often each status came. */
  readonly end: () => Promise<ReadonlyMap<number, number>>;
}

/** How many connections come at once: a busy machine makes no more handshakes within the 5 s that each may take. */
const STEP = 25;

/** Asks over ever more connections, `most` in the end, over each again as soon as it is answered, until it is ended. */
function startFlood(most: number): Flood {
  const agent = new Agent({ connect: { ca: product().caPem }, allowH2: false, connections: most });
  const statuses = new Map<number, number>();
  const ending = new AbortController();
  async function ask(): Promise<void> {
    const status = await askOnce(agent);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  async function askOn(): Promise<void> {
    while (!ending.signal.aborted) await ask();
  }
  const asking: Promise<void>[] = [];
  async function grow(): Promise<void> {
    while (asking.length < most && !ending.signal.aborted) {
      const step = Array.from({ length: STEP }, ask);
      await Promise.all(step);
      asking.push(...step.map(askOn));
    }
  }
  const growing = grow();
  return {
    end: async () => {
      ending.abort();
      await growing;
      await Promise.all(asking);
      await agent.destroy();
      return statuses;
    },
  };
}

function stream(prefix: string): PodStream {
  return createPods({ client: client(), namespace: 'tom', image: IMAGE, prefix, perSecond: 50, atOnce: 20 });
}

async function countOverloaded(): Promise<number> {
  return (await product().replica.metric('pullkeeper_refused_requests_total{code="overloaded"}')) ?? 0;
}

it('a replica that is asked more than it can answer says so early, and is well again when that is over', async () => {
  await admin.pod('tom', 'before', IMAGE);
  const pods = stream('flooded');
  const flood = startFlood(500);
  await expect.poll(countOverloaded, { timeout: 60_000 }).toBeGreaterThan(0);
  // It stays an endpoint: the others would get its share as well, and be overloaded next.
  expect((await fetch(`${product().replica.opsOrigin}/readyz`)).status).toBe(200);
  // Those who were refused are answered in turn, and Pods come all the while.
  await expect.poll(pods.created).toBeGreaterThan(20);
  const statuses = await flood.end();
  const during = await pods.end();

  expect(statuses.get(200)).toBeGreaterThan(0);
  expect(statuses.get(503)).toBeGreaterThan(0);
  for (const status of statuses.keys()) expect([CUT_OFF, 200, 503]).toContain(status);
  expect(await product().replica.metric('pullkeeper_refused_requests_total{code="overloaded"}')).toBeGreaterThanOrEqual(
    statuses.get(503) ?? 0,
  );
  // Every Pod is admitted, those before it are as they were, and right after it each gets its reference again.
  expect(during.failed).toEqual([]);
  expect(await admin.pullSecrets('tom', 'before')).toEqual(['pullkeeper']);
  const after = stream('after');
  await expect.poll(after.created).toBeGreaterThan(50);
  expect(await after.end()).toMatchObject({ failed: [], withoutReference: [] });
  expect(await product().replica.metric('pullkeeper_requests_in_flight')).toBe(0);
}, 180_000);
