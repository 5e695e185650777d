import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { KubeClient } from '../../src/kube/client.ts';
import type { Cluster } from '../../tools/cluster/cluster.ts';
import { startCluster } from '../../tools/cluster/start-cluster.ts';
import { installPullkeeper, NAMESPACE, type Installation } from '../../tools/installation/installation.ts';
import { createAdmin, type Admin } from './admin.ts';
import {
  createForger,
  createNamespaceAndPod,
  floodWithNames,
  FORGED_IMAGE as IMAGE,
  FORGED_POD as POD,
  type Forger,
} from './forger.ts';
import { openClient } from './open-client.ts';

// What whoever reaches the webhook's port can do to the cluster by the reviews that they write: next to nothing.
let cluster: Cluster;
let product: Installation;
let admin: Admin;
let forger: Forger;
let client: KubeClient;

beforeAll(async () => {
  cluster = await startCluster();
  product = await installPullkeeper(cluster, { entry: inject('entry') });
  admin = createAdmin(cluster);
  forger = createForger(product, 20);
  await admin.source('harbor', { server: 'harbor.example.com', namespaces: '*' });
  await admin.namespace('tom', 'enabled');
  await admin.expectCredentials('tom', { 'harbor.example.com': 'puller:s3cret' });
  client = await openClient(cluster.kubeconfig);
});
afterAll(async () => {
  await client.close();
  await forger[Symbol.asyncDispose]();
  await cluster.stop();
});

/** How often the API server was asked for one object of a resource, by its own count. */
async function requestsFor(resource: string, verb: string): Promise<number> {
  const metrics = await admin.run('get', '--raw', '/metrics');
  const samples = metrics.matchAll(/^apiserver_request_total\{([^}]*)\} (\S+)$/gm);
  return [...samples]
    .filter(([, labels]) => labels?.includes(`resource="${resource}"`) === true && labels.includes(`verb="${verb}"`))
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}

const secretVersion = (namespace: string) =>
  admin.run('get', 'secret', 'pullkeeper', '-n', namespace, '-o', 'jsonpath={.metadata.resourceVersion}');

describe('a forged review', () => {
  it.each(['nowhere', 'default', 'kube-system', NAMESPACE, 'constructor'])(
    'for namespace %s changes nothing',
    async (namespace) => {
      expect(await forger.ask(namespace)).toEqual({
        decision: 'namespace-not-enabled',
        patch: undefined,
        warnings: [],
      });
      const secrets = await admin.run(
        'get',
        'secrets',
        '-A',
        '--field-selector=metadata.name=pullkeeper',
        '-o',
        'name',
      );
      expect(secrets.split('\n')).toEqual(['secret/pullkeeper']);
    },
  );

  it('for a namespace that is never enabled changes nothing, whatever its labels', async () => {
    const namespaces = ['kube-system', 'kube-node-lease', NAMESPACE];
    await admin.run('label', 'namespace', ...namespaces, 'pullkeeper.dev/inject=always');
    for (const namespace of namespaces) {
      expect(await forger.ask(namespace)).toMatchObject({ decision: 'namespace-not-enabled', patch: undefined });
    }
    await admin.pod('kube-system', 'never', IMAGE);
    expect(await admin.pullSecrets('kube-system', 'never')).toEqual([]);
    const secrets = await admin.run('get', 'secrets', '-A', '--field-selector=metadata.name=pullkeeper', '-o', 'name');
    expect(secrets.split('\n')).toEqual(['secret/pullkeeper']);
    await admin.run('label', 'namespace', ...namespaces, 'pullkeeper.dev/inject-');
  });

  it('sent again and again writes nothing, and asks the API server for nothing', async () => {
    const version = await secretVersion('tom');
    const count = async () =>
      Promise.all([
        requestsFor('secrets', 'PATCH'),
        requestsFor('secrets', 'GET'),
        requestsFor('namespaces', 'GET'),
        requestsFor('events', 'POST'),
      ]);
    const [patches, gets, namespaces, events] = await count();
    const answers = await Promise.all(Array.from({ length: 300 }, () => forger.ask('tom')));
    expect(new Set(answers.map(({ decision }) => decision))).toEqual(new Set(['image-matched']));
    expect(await secretVersion('tom')).toBe(version);
    // The one GET is this test's own, which asks for the version.
    expect(await count()).toEqual([patches, (gets ?? 0) + 1, namespaces, events]);
  });

  it('for ever another namespace costs the API server a few GETs, and others nothing, new namespaces among them', async () => {
    const before = await requestsFor('namespaces', 'GET');
    const startedAt = performance.now();
    await using flood = floodWithNames(product, 200);
    await expect.poll(flood.sent, { timeout: 20_000 }).toBeGreaterThan(400);
    await admin.pod('tom', 'meanwhile', IMAGE);
    const names = Array.from({ length: 40 }, (_, index) => `born-${index}`);
    // A Pod at once after its namespace, which this replica may not have heard of yet.
    const references = await Promise.all(names.map((name) => createNamespaceAndPod(client, name)));
    const decisions = await flood.end();

    expect(await admin.pullSecrets('tom', 'meanwhile')).toEqual(['pullkeeper']);
    expect(references.filter(([first]) => first !== 'pullkeeper')).toEqual([]);
    const seconds = (performance.now() - startedAt) / 1000;
    const gets = (await requestsFor('namespaces', 'GET')) - before;
    // 20 at once and 20 a second; the API server and its controllers may ask for some of their own.
    expect(gets).toBeLessThanOrEqual(20 + 20 * seconds + 5 + names.length);
    // It did ask; how much comes to its turn is up to the machine.
    expect(gets).toBeGreaterThanOrEqual(10);
    expect([...decisions.keys()].toSorted()).toEqual(['namespace-not-enabled', 'namespace-unknown']);
    expect(decisions.get('namespace-unknown')).toBeGreaterThan(200);
  });

  it('that names ever another controller makes a few Events, and none where nobody asked for us', async () => {
    const startedAt = performance.now();
    const owned = (index: number) => ({
      metadata: {
        annotations: { 'pullkeeper.dev/inject': 'nonsense' },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `victim-${index}`, uid: `u-${index}`, controller: true },
        ],
      },
      spec: POD.spec,
    });
    const indices = Array.from({ length: 400 }, (_, index) => index);
    const before = await requestsFor('events', 'POST');
    await Promise.all(indices.map((index) => forger.ask('default', owned(index))));
    await Promise.all(indices.map((index) => forger.ask('tom', owned(index), true)));
    expect((await requestsFor('events', 'POST')) - before).toBe(0);
    await Promise.all(indices.map((index) => forger.ask('tom', owned(index))));
    await expect.poll(async () => (await requestsFor('events', 'POST')) - before).toBeGreaterThanOrEqual(100);
    const seconds = (performance.now() - startedAt) / 1000;
    expect((await requestsFor('events', 'POST')) - before).toBeLessThanOrEqual(100 + 5 * seconds + 5);
  });

  it('of 7 MiB of brackets, many at once, leaves the others their answers', async () => {
    const hostile = '['.repeat(7 * 2 ** 20);
    const flood = Promise.all(Array.from({ length: 40 }, () => forger.post(hostile)));
    await admin.pod('tom', 'beside', IMAGE);
    expect(await admin.pullSecrets('tom', 'beside')).toEqual(['pullkeeper']);
    const statuses = new Set(await flood);
    expect([...statuses].every((status) => status === 413 || status === 503)).toBe(true);
    expect(await product.replica.metric('pullkeeper_requests_in_flight')).toBe(0);
  });
});
