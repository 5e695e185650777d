import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Replica } from '../../tools/installation/installation.ts';
import { createPods, type PodStream } from './pod-stream.ts';
import { startService, type Service } from './service.ts';
import { useClient, usePullkeeper, useTom } from './stage.ts';

// Two replicas behind a Service, and Pods created all the while.
const IMAGE = 'harbor.example.com/team/app:v1';
// Longer than the endpoints lag (a probe and its effect), as 12 s are in a cluster.
const SHUTDOWN_DELAY = '--shutdown-delay=2s';
const SERVICE = { probeMs: 200, lagMs: 700 };

const { cluster, admin, product } = usePullkeeper({ flags: [SHUTDOWN_DELAY] });
const client = useClient(cluster);
useTom(admin);

let service: Service;
let replicas: Replica[];

beforeAll(async () => {
  service = await startService(SERVICE);
  replicas = [product().replica, await product().startReplica()];
  await Promise.all(replicas.map((replica) => service.add(replica)));
  const url = [{ op: 'replace', path: '/webhooks/0/clientConfig/url', value: `${service.origin}/mutate` }];
  await admin.run(
    ...['patch', 'mutatingwebhookconfiguration', 'pullkeeper', '--type=json'],
    ...['-p', JSON.stringify(url)],
  );
  // Until the API server has taken that up it calls the first replica directly.
  for (let tries = 0; service.connections() === 0; tries++) await admin.pod('tom', `try-${tries}`, IMAGE);
});
afterAll(() => service[Symbol.asyncDispose]());

function stream(prefix: string): PodStream {
  return createPods({ client: client(), namespace: 'tom', image: IMAGE, prefix, perSecond: 200, atOnce: 16 });
}

/** How often the API server let a Pod pass because the webhook gave no answer, by its own count. */
async function failedOpen(): Promise<number> {
  const metrics = await admin.run('get', '--raw', '/metrics');
  const samples = metrics.matchAll(
    /^apiserver_admission_webhook_fail_open_count\{name="pods\.pullkeeper\.dev".*\} (\d+)$/gm,
  );
  return [...samples].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Why it did, as its log says. */
async function reasonsForFailingOpen(): Promise<readonly string[]> {
  const log = await readFile(cluster().apiServer.logFile, 'utf8');
  return [...log.matchAll(/^W.*failing open pods\.pullkeeper\.dev: (.*)$/gm)].map(([, reason]) => reason ?? '');
}

it('a rolling restart of two replicas under a stream of Pods loses no injection', async () => {
  const before = await failedOpen();
  const pods = stream('rolling');
  for (const old of replicas) {
    const fresh = await product().startReplica([SHUTDOWN_DELAY]);
    await service.add(fresh);
    await old.program.stop('SIGTERM');
    replicas = [...replicas.filter((each) => each !== old), fresh];
  }
  const result = await pods.end();
  const reasons = await reasonsForFailingOpen();
  expect({ ...result, reasons }).toMatchObject({ failed: [], withoutReference: [], reasons: [] });
  expect(result.created).toBeGreaterThan(200);
  expect(await failedOpen()).toBe(before);
  expect(service.endpoints()).toHaveLength(2);
});

it('a replica that is killed loses what waited for it, which the API server counts, and nothing else', async () => {
  const before = await failedOpen();
  const pods = stream('killed');
  await expect.poll(pods.created, { timeout: 20_000 }).toBeGreaterThan(100);
  const [victim, survivor] = replicas;
  await victim?.program.stop('SIGKILL');
  await expect.poll(() => service.endpoints(), { timeout: 10_000 }).toEqual([survivor]);
  const createdBefore = pods.created();
  await expect.poll(pods.created, { timeout: 20_000 }).toBeGreaterThan(createdBefore + 100);
  const result = await pods.end();
  // Every Pod was admitted; those without their reference are those that the API server says it let pass.
  expect(result.failed).toEqual([]);
  expect(await failedOpen()).toBe(before + result.withoutReference.length);

  const after = stream('after');
  await expect.poll(after.created, { timeout: 20_000 }).toBeGreaterThan(50);
  expect(await after.end()).toMatchObject({ failed: [], withoutReference: [] });
  await admin.expectCredentials('tom', { 'harbor.example.com': 'puller:s3cret' });
});
