import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { KubeRequest } from '../../src/kube/client.ts';
import { NAMESPACE } from '../../tools/installation/installation.ts';
import { applying, LEASES, merging, startThief, WEBHOOKS, type Thief } from './thief.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** What lasts until others let go of it, and keeps its namespace from going. */
const FOR_EVER = [
  { finalizers: ['example.com/forever'] },
  { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'tenant', uid: '1' }] },
];

let thief: Thief;

beforeAll(async () => {
  thief = await startThief();
  await thief.admin.namespace('tenant', 'enabled');
});
afterAll(() => thief.stop());

describe("with Pullkeeper's token, Leases", () => {
  const lease = (name: string, holderIdentity = 'thief') => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name },
    spec: { holderIdentity, leaseDurationSeconds: 3600 },
  });

  it("of other components cannot be taken, nor made beside Pullkeeper's own", async () => {
    const scheduler = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
    await thief.expectRefused({ method: 'GET', path: `${scheduler}/kube-scheduler` }, 'RBAC');
    await thief.expectRefused({ method: 'POST', path: scheduler, body: lease('kube-scheduler') }, 'RBAC');
    await thief.expectRefused({ method: 'PUT', path: `${scheduler}/kube-scheduler`, body: lease('x') }, 'RBAC');
    await thief.expectRefused({ method: 'POST', path: LEASES, body: lease('another') }, 'pullkeeper-leases');
    await thief.expectRefused(
      { method: 'POST', path: LEASES, body: { ...lease(''), metadata: { generateName: 'pullkeeper' } } },
      'pullkeeper-leases',
    );
  });

  it("of Pullkeeper's own can be made and renewed, and not deleted", async () => {
    interface Stored {
      readonly metadata: object;
    }
    const made = (await thief.call({ method: 'POST', path: LEASES, body: lease('pullkeeper') })) as Stored;
    const renewing = (metadata: object): KubeRequest => ({
      method: 'PUT',
      path: `${LEASES}/pullkeeper`,
      body: { ...lease('pullkeeper', 'another'), metadata },
    });
    const renewed = (await thief.call(renewing(made.metadata))) as Stored;
    await thief.expectRefused({ method: 'DELETE', path: `${LEASES}/pullkeeper` }, 'RBAC');
    await thief.expectRefused({ method: 'GET', path: LEASES }, 'RBAC');
    for (const change of FOR_EVER) {
      await thief.expectRefused(renewing({ ...renewed.metadata, ...change }), 'pullkeeper-leases');
    }
    await thief.admin.run('delete', 'lease', 'pullkeeper', '-n', NAMESPACE);
    for (const change of FOR_EVER) {
      const body = { ...lease('pullkeeper'), metadata: { name: 'pullkeeper', ...change } };
      await thief.expectRefused({ method: 'POST', path: LEASES, body }, 'pullkeeper-leases');
    }
  });
});

describe("with Pullkeeper's token, Events", () => {
  const event = (change: object) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e' },
    involvedObject: { kind: 'Namespace', name: 'tenant', namespace: 'tenant' },
    source: { component: 'pullkeeper' },
    reportingComponent: 'pullkeeper',
    ...change,
  });
  const path = '/api/v1/namespaces/tenant/events';

  it('can be told in its own name alone', async () => {
    await thief.call({ method: 'POST', path, body: event({}) });
    for (const change of [
      { source: { component: 'kubelet' } },
      { reportingComponent: 'kubelet' },
      { source: undefined, reportingComponent: undefined },
    ]) {
      const body = event({ ...change, metadata: { name: 'forged' } });
      await thief.expectRefused({ method: 'POST', path, body }, 'pullkeeper-events');
    }
    const newer = '/apis/events.k8s.io/v1/namespaces/tenant/events';
    await thief.expectRefused({ method: 'POST', path: newer, body: event({}) }, 'RBAC');
  });

  it('cannot keep a namespace from being deleted', async () => {
    for (const change of FOR_EVER) {
      const body = event({ metadata: { name: 'held', ...change } });
      await thief.expectRefused({ method: 'POST', path, body }, 'pullkeeper-events');
    }
  });

  it('can be neither read, nor changed, nor deleted', async () => {
    await thief.expectRefused({ method: 'GET', path }, 'RBAC');
    await thief.expectRefused(merging(`${path}/e`, { message: 'another' }), 'RBAC');
    await thief.expectRefused({ method: 'DELETE', path: `${path}/e` }, 'RBAC');
    await thief.expectRefused({ method: 'DELETE', path }, 'RBAC');
  });
});

describe("with Pullkeeper's token, no further right can be had", () => {
  const own = (resource: string) => `/api/v1/namespaces/${NAMESPACE}/${resource}`;
  const pod = {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i' }], serviceAccountName: 'default' },
  };
  const binding = {
    metadata: { name: 'b' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'pullkeeper', namespace: NAMESPACE }],
  };

  it.each([
    ['by a Pod in its own namespace', { method: 'POST', path: own('pods'), body: pod }],
    ['by a Pod of a tenant', { method: 'GET', path: '/api/v1/namespaces/tenant/pods' }],
    ['by its own role', merging(`${RBAC}/clusterroles/pullkeeper`, { rules: [] })],
    ['by a binding', { method: 'POST', path: `${RBAC}/clusterrolebindings`, body: binding }],
    [
      'by a binding in its own namespace',
      { method: 'POST', path: `${RBAC}/namespaces/${NAMESPACE}/rolebindings`, body: binding },
    ],
    ['by its ServiceAccount', merging(own('serviceaccounts/pullkeeper'), { secrets: [{ name: 'x' }] })],
    ['by another ServiceAccount', { method: 'POST', path: own('serviceaccounts'), body: { metadata: { name: 'x' } } }],
    [
      'by its policies',
      merging(`${WEBHOOKS}/validatingadmissionpolicies/pullkeeper-secrets`, { spec: { validations: [] } }),
    ],
    [
      "by its policies' bindings",
      { method: 'DELETE', path: `${WEBHOOKS}/validatingadmissionpolicybindings/pullkeeper-secrets` },
    ],
    ['by a namespace’s label', merging('/api/v1/namespaces/tenant', { metadata: { labels: { a: 'b' } } })],
    ['by a namespace', { method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'x' } } }],
    [
      'by its Deployment',
      merging(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/pullkeeper`, { spec: { replicas: 0 } }),
    ],
    ['by a ConfigMap', { method: 'GET', path: own('configmaps') }],
    ['by a node', { method: 'GET', path: '/api/v1/nodes' }],
    ['by a priority level', merging('/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/pullkeeper', {})],
    [
      'by a CSR',
      {
        method: 'POST',
        path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
        body: { metadata: { name: 'x' }, spec: {} },
      },
    ],
  ] as const)('%s', async (_title, request) => {
    await thief.expectRefused(request, 'RBAC');
  });

  it('by acting as somebody else', async () => {
    const { code, stderr } = await thief.cluster.kubectl(['get', 'secrets', '-A', '--as=system:admin'], {
      kubeconfig: await thief.cluster.kubeconfigFor('pullkeeper', NAMESPACE),
    });
    expect(stderr).toMatch(/^Error from server \(Forbidden\): .* cannot impersonate/);
    expect(code).toBe(1);
  });

  it('and what it may do is this list and no more', async () => {
    const kubeconfig = await thief.cluster.kubeconfigFor('pullkeeper', NAMESPACE);
    const elsewhere = await thief.cluster.kubectl(['auth', 'can-i', '--list', '--no-headers', '-n', 'tenant'], {
      kubeconfig,
    });
    const inItsOwn = await thief.cluster.kubectl(['auth', 'can-i', '--list', '--no-headers', '-n', NAMESPACE], {
      kubeconfig,
    });
    // What every account may ask: who am I, what may I, which APIs are there.
    const shared = /^(self|\s|clustertrustbundles)/;
    const list = (text: string) =>
      text
        .split('\n')
        .filter((line) => line !== '' && !shared.test(line))
        .map((line) => line.replaceAll(/\s+/g, ' ').trim())
        .toSorted();
    const everywhere = [
      'events [] [] [create]',
      'mutatingwebhookconfigurations.admissionregistration.k8s.io [] [pullkeeper] [get list watch patch]',
      'namespaces [] [] [get list watch]',
      'secrets [] [pullkeeper] [get list watch create patch delete]',
      'serviceaccounts [] [] [get list watch]',
      'validatingwebhookconfigurations.admissionregistration.k8s.io [] [pullkeeper] [get list watch patch]',
    ];
    expect(list(elsewhere.stdout)).toEqual(everywhere);
    expect(list(inItsOwn.stdout)).toEqual(
      [
        ...everywhere,
        'leases.coordination.k8s.io [] [] [create]',
        'leases.coordination.k8s.io [] [pullkeeper] [get update]',
        'secrets [] [] [get list watch]',
        'secrets [] [pullkeeper-tls] [create patch]',
      ].toSorted(),
    );
  });
});

describe('the shipped policies', () => {
  it('have no expression that the API server finds fault with', async () => {
    await vi.waitFor(
      async () => {
        const text = await thief.admin.run('get', 'validatingadmissionpolicies', '-o', 'json');
        const { items } = JSON.parse(text) as { items: { metadata: object; status?: { typeChecking?: unknown } }[] };
        expect(items).toHaveLength(4);
        for (const { status } of items) expect(status?.typeChecking).toEqual({});
      },
      { timeout: 20_000 },
    );
  });

  it("judge nobody else's requests", async () => {
    const secret = `apiVersion: v1\nkind: Secret\nmetadata: {name: pullkeeper, namespace: tenant}\n`;
    expect(await thief.admin.apply(secret)).toContain('created');
    await thief.admin.run('label', 'mutatingwebhookconfiguration', 'pullkeeper', 'a=b');
    expect(await thief.admin.run('delete', 'secret', 'pullkeeper', '-n', 'tenant')).toContain('deleted');
  });

  it('let the account apply what it must, and are in force all the same', async () => {
    const managed = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'pullkeeper', labels: { 'pullkeeper.dev/managed': 'true' } },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': 'e30=' },
    };
    const path = '/api/v1/namespaces/tenant/secrets/pullkeeper';
    await thief.call(applying(path, managed));
    await thief.expectRefused(
      applying(path, { ...managed, metadata: { name: 'pullkeeper', labels: {} } }),
      'pullkeeper-secrets',
    );
  });
});
