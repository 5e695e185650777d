import { beforeAll, describe, expect, it } from 'vitest';
import { podManifest } from './admin.ts';
import { useClient, useCluster, useForeignLease, useInstallation } from './stage.ts';

const IMAGE = 'harbor.example.com/team/app:v1';
const CREDENTIALS = { 'harbor.example.com': 'puller:s3cret' };

const { cluster, admin } = useCluster();
const client = useClient(cluster);
// This replica writes nothing in the background: what is written here, the webhook wrote before it answered. Nobody issues
// certificates either: they are given.
useForeignLease(admin);
const product = useInstallation(cluster, { certificate: 'files' });
beforeAll(() => admin.source('harbor', { server: 'harbor.example.com', namespaces: '*' }));

/** Creates a Pod over a connection of the pool, as a controller would, and returns its pull Secrets' names. */
async function createPod(namespace: string, name: string, query: Record<string, string> = {}): Promise<string[]> {
  const answer = await client().call({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods`,
    query,
    timeoutMs: 60_000,
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { containers: [{ name: 'c', image: IMAGE }] },
    },
  });
  const { spec } = answer as { spec: { imagePullSecrets?: { name: string }[] } };
  return (spec.imagePullSecrets ?? []).map((entry) => entry.name);
}

/** Namespaces that are enabled and have no managed Secret. */
async function createNamespaces(names: readonly string[]): Promise<void> {
  await admin.apply(
    names
      .map(
        (name) => `
apiVersion: v1
kind: Namespace
metadata: {name: ${name}, labels: {pullkeeper.dev/inject: enabled}}
`,
      )
      .join('---'),
  );
}

describe('the webhook, where the managed Secret is missing', () => {
  it('creates it before it answers', async () => {
    await createNamespaces(['one']);
    expect(await admin.credentials('one')).toBeUndefined();
    expect(await createPod('one', 'p')).toEqual(['pullkeeper']);
    expect(await admin.credentials('one')).toEqual(CREDENTIALS);
  });

  it('writes nothing under dryRun, and still shows the reference', async () => {
    await createNamespaces(['dry']);
    expect(await createPod('dry', 'p', { dryRun: 'All' })).toEqual(['pullkeeper']);
    const manifest = podManifest('dry', 'name: q', `containers: [{name: c, image: "${IMAGE}"}]`);
    const { stdout } = await cluster().kubectl(
      ['apply', '--dry-run=server', '-f', '-', '-o', 'jsonpath={.spec.imagePullSecrets[*].name}'],
      { input: manifest },
    );
    expect(stdout).toBe('pullkeeper');
    expect(await admin.credentials('dry')).toBeUndefined();
  });

  it('loses no reference when 200 Pods come at once into 20 such namespaces, and creates each Secret once', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `burst-${i}`);
    await createNamespaces(names);
    const created = await product().replica.metric(
      'pullkeeper_admission_reviews_total{decision="image-matched",secret="created"}',
    );
    const pods = names.flatMap((name) => Array.from({ length: 10 }, (_, i) => createPod(name, `p-${i}`)));
    const references = await Promise.all(pods);
    expect(references.filter(([first]) => first !== 'pullkeeper')).toEqual([]);
    expect(references).toHaveLength(200);
    for (const name of names) expect(await admin.credentials(name)).toEqual(CREDENTIALS);
    expect(created).toBe(1);
    // Each Secret has been written once: only its creation is in its managed fields, by our field manager.
    const managers = await admin.run(
      ...['get', 'secrets', '-A', '--field-selector', 'metadata.name=pullkeeper', '--show-managed-fields'],
      ...['-o', 'jsonpath={range .items[*]}{.metadata.managedFields[*].manager}{" "}{end}'],
    );
    expect(new Set(managers.trim().split(' '))).toEqual(new Set(['pullkeeper']));
  });

  it('adds the reference though a quota keeps the Secret from being created, and says why', async () => {
    await createNamespaces(['full']);
    await admin.apply(`
apiVersion: v1
kind: ResourceQuota
metadata: {name: no-secrets, namespace: full}
spec: {hard: {secrets: "0"}}
`);
    await expect
      .poll(() =>
        admin.run('get', 'resourcequota', 'no-secrets', '-n', 'full', '-o', 'jsonpath={.status.hard.secrets}'),
      )
      .toBe('0');
    const told = await admin.apply(podManifest('full', 'name: p', `containers: [{name: c, image: "${IMAGE}"}]`));
    expect(told).toContain('Warning: pullkeeper: Secret full/pullkeeper is not there yet:');
    expect(told).toContain('exceeded quota: no-secrets');
    expect(await admin.pullSecrets('full', 'p')).toEqual(['pullkeeper']);
  });
});
