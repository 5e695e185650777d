import { KubeConfig } from '@kubernetes/client-node';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import type { Cluster } from '../../tools/cluster/cluster.ts';
import { startCluster } from '../../tools/cluster/start-cluster.ts';
import { installPullkeeper, type Installation } from '../../tools/installation/installation.ts';
import { createAdmin, type Admin } from './admin.ts';
import { createPods } from './pod-stream.ts';

const IMAGE = 'harbor.example.com/team/app:v1';

let cluster: Cluster;
let product: Installation;
let admin: Admin;
let client: KubeClient;

beforeAll(async () => {
  cluster = await startCluster();
  product = await installPullkeeper(cluster);
  admin = createAdmin(cluster);
  await admin.source('harbor', { server: 'harbor.example.com', namespaces: '*' });
  await admin.namespace('tom', 'enabled');
  await admin.expectCredentials('tom', { 'harbor.example.com': 'puller:s3cret' });
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  client = await createKubeClient(config, { userAgent: 'test' });
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
});

/** A review of some 60 KiB, as large as is taken without a place of its own. */
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
        containers: Array.from({ length: 1000 }, (_, i) => ({ name: `c-${i}`, image: `other.example.com/${i}` })),
      },
    },
  },
});

const CUT_OFF = 0;

async function askOnce(agent: Agent): Promise<number> {
  try {
    const { statusCode, headers, body } = await request(`${product.replica.webhookOrigin}/mutate`, {
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

/** Asks over so many connections at once, over each again as soon as it is answered, for a while. How often each status came. */
async function flood(connections: number, ms: number): Promise<ReadonlyMap<number, number>> {
  const agent = new Agent({ connect: { ca: product.caPem }, allowH2: false, connections });
  const statuses = new Map<number, number>();
  const until = performance.now() + ms;
  async function ask(): Promise<void> {
    while (performance.now() < until) {
      const status = await askOnce(agent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }
  await Promise.all(Array.from({ length: connections }, ask));
  await agent.destroy();
  return statuses;
}

it('a replica that is asked more than it can answer says so early, and is well again when that is over', async () => {
  await admin.pod('tom', 'before', IMAGE);
  const pods = createPods({ client, namespace: 'tom', image: IMAGE, prefix: 'flooded', perSecond: 50, atOnce: 20 });
  const statuses = await flood(500, 4000);
  const during = await pods.end();

  expect(statuses.get(200)).toBeGreaterThan(0);
  expect(statuses.get(503)).toBeGreaterThan(0);
  for (const status of statuses.keys()) expect([CUT_OFF, 200, 503]).toContain(status);
  expect(await product.replica.metric('pullkeeper_refused_requests_total{code="overloaded"}')).toBeGreaterThanOrEqual(
    statuses.get(503) ?? 0,
  );
  // Every Pod is admitted, those before it are as they were, and right after it each gets its reference again.
  expect(during.failed).toEqual([]);
  expect(await admin.pullSecrets('tom', 'before')).toEqual(['pullkeeper']);
  const after = createPods({ client, namespace: 'tom', image: IMAGE, prefix: 'after', perSecond: 50, atOnce: 20 });
  await expect.poll(after.created, { timeout: 20_000 }).toBeGreaterThan(50);
  expect(await after.end()).toMatchObject({ failed: [], withoutReference: [] });
  expect(await product.replica.metric('pullkeeper_requests_in_flight')).toBe(0);
});
