import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { useCluster, useForeignLease, useInstallation } from './stage.ts';

const IMAGE = 'harbor.example.com/team/app:v1';
/** 24 seats in all, of which all service accounts share 10: as full as a large cluster is on a bad day. */
const FEW_SEATS = ['--max-requests-inflight=12', '--max-mutating-requests-inflight=12'];
/** The tenant whose Deployments flood the API server: a service account like ours. */
const TENANT = `
apiVersion: v1
kind: Namespace
metadata: {name: tenant}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: deployer, namespace: tenant}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: deployer}
rules: [{apiGroups: [''], resources: [pods], verbs: [create]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: deployer}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: deployer}
subjects: [{kind: ServiceAccount, name: deployer, namespace: tenant}]
`;
const PODS_AT_ONCE = 60;

const { cluster, admin } = useCluster({ apiServerFlags: FEW_SEATS });
// Every Secret is created while its Pod waits.
useForeignLease(admin);
beforeAll(() => admin.apply(TENANT));
const product = useInstallation(cluster, { certificate: 'files' });

/** The product's, and the flooding service account's. */
let tokens: { readonly product: string; readonly deployer: string };

beforeAll(async () => {
  await admin.source('harbor', { server: 'harbor.example.com', namespaces: '*' });
  tokens = {
    product: readToken(product().kubeconfig),
    deployer: readToken(await cluster().kubeconfigFor('deployer', 'tenant')),
  };
});

describe('the FlowSchema', () => {
  it("takes Pullkeeper's calls into its own priority level", async () => {
    const uid = ['-o', 'jsonpath={.metadata.uid}'];
    const schema = await admin.run('get', 'flowschema', 'pullkeeper', ...uid);
    const level = await admin.run('get', 'prioritylevelconfiguration', 'pullkeeper', ...uid);
    await vi.waitFor(
      async () => {
        for (const path of ['/api/v1/namespaces', '/api/v1/namespaces/tenant', '/version']) {
          const { headers } = await ask('GET', path, tokens.product);
          expect(headers).toMatchObject({
            'x-kubernetes-pf-flowschema-uid': schema,
            'x-kubernetes-pf-prioritylevel-uid': level,
          });
        }
      },
      { timeout: 20_000 },
    );
  });

  it('keeps them out of the queue that waiting Pods fill: each Secret is there before its Pod is answered', async () => {
    const before = await countFailed();
    await flood('with');
    // None, were it not for a busy machine's moments of its own.
    expect((await countFailed()) - before).toBeLessThan(PODS_AT_ONCE / 20);
  });

  it('is needed: without it they wait behind the Pods that wait for them', async () => {
    await admin.run('delete', 'flowschema', 'pullkeeper');
    const workloadLow = await admin.run('get', 'flowschema', 'service-accounts', '-o', 'jsonpath={.metadata.uid}');
    await vi.waitFor(
      async () => {
        const { headers } = await ask('GET', '/version', tokens.product);
        expect(headers).toMatchObject({ 'x-kubernetes-pf-flowschema-uid': workloadLow });
      },
      { timeout: 20_000 },
    );
    // On a busy machine, Pods that are sent at once may come one after another, and no queue fills: then once more.
    let most = 0;
    for (let round = 1; round <= 5 && most <= PODS_AT_ONCE / 10; round += 1) {
      const before = await countFailed();
      await flood(`without-${round}`);
      most = Math.max(most, (await countFailed()) - before);
    }
    // 34 to 46 on two free cores, 11 on busy ones.
    expect(most).toBeGreaterThan(PODS_AT_ONCE / 10);
  });
});

/** How many Pods were answered before their namespace's Secret was there. */
async function countFailed(): Promise<number> {
  const sample = 'pullkeeper_admission_reviews_total{decision="image-matched",secret="failed"}';
  return (await product().replica.metric(sample)) ?? 0;
}

/** A Pod in each of many new namespaces, all at once, by one service account. */
async function flood(name: string): Promise<void> {
  const namespaces = Array.from({ length: PODS_AT_ONCE }, (_, i) => `${name}-${i}`);
  await admin.apply(
    namespaces
      .map(
        (each) =>
          `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${each}, labels: {pullkeeper.dev/inject: enabled}}`,
      )
      .join('\n---\n'),
  );
  await vi.waitFor(
    async () => {
      const accounts = await admin.run('get', 'serviceaccounts', '-A', '-o', 'jsonpath={.items[*].metadata.namespace}');
      expect(accounts.split(' ').filter((each) => each.startsWith(`${name}-`))).toHaveLength(PODS_AT_ONCE);
    },
    { timeout: 60_000 },
  );
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: IMAGE }] } };
  const answers = await Promise.all(
    namespaces.map((namespace) => ask('POST', `/api/v1/namespaces/${namespace}/pods`, tokens.deployer, pod)),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(namespaces.map(() => 201));
}

/** One call on a connection of its own, however long it waits. */
async function ask(method: string, path: string, token: string, body?: object): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const call = request(new URL(path, cluster().server), { method, headers, ca: cluster().caPem, agent: false });
  call.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  return response.resume();
}

function readToken(kubeconfig: string): string {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config.getCurrentUser()?.token ?? '';
}
