import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Replica } from '../../tools/installation/installation.ts';
import { inParallel } from './truth.ts';
import { startWorld, type World } from './world.ts';

/** As many as fit into one page of the program's lists by their number. */
const TENANTS = 100;
/** MaxSecretSize of k8s.io/api/core/v1; 1.4 MB of JSON. */
const LARGEST = 1024 * 1024;
/**
 * What a page holds, and what of those before is not collected yet; of all of it at once it would be 500 MiB. V8 collects
 * later where nothing limits its heap, as here, than in a container with the chart's limit.
 */
const ALLOWANCE_BYTES = 128 * 2 ** 20;

let world: World;

beforeAll(async () => {
  world = await startWorld({ isDirect: true });
});
afterAll(() => world.stop());

it('a replica starts in little more memory, however large the Secrets are that tenants have under its name', async () => {
  const { product, api, truth } = world;
  const before = await readHighest(await product.startReplica());

  const big = randomBytes(LARGEST - 3).toString('base64');
  const tenants = Array.from({ length: TENANTS }, (_, i) => `tenant-${i}`);
  await inParallel(tenants, async (name) => {
    await api.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } });
    const body = { metadata: { name: 'pullkeeper' }, data: { big } };
    // Sent once: one that counts as slow is sent again, and finds what it has made.
    await api.call({ method: 'POST', path: `/api/v1/namespaces/${name}/secrets`, body, timeoutMs: 60_000 });
  });
  const replica = await product.startReplica();
  expect(await replica.metric('pullkeeper_watch_items{watch="managed Secrets"}')).toBe(TENANTS);
  const highest = await readHighest(replica);
  console.info(`highest: ${before} bytes before, ${highest} beside ${TENANTS} Secrets of ${LARGEST} bytes`);
  expect(highest - before).toBeLessThan(ALLOWANCE_BYTES);

  await truth.setSource('harbor', 'v1');
  await truth.enableNamespaces(['shop']);
  const right = new Map([['shop', { 'harbor.example.com': 'puller:v1' }]]);
  await truth.becomesRight(right, { since: performance.now(), ms: 20_000 });
});

/** The most that was resident at once since the start, as the kernel counts it. */
async function readHighest({ program }: Replica): Promise<number> {
  const status = await readFile(`/proc/${program.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
