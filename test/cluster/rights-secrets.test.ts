import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { NAMESPACE } from '../../tools/installation/installation.ts';
import { kubernetesMinor } from './kubernetes-minor.ts';
import { applying, merging, patching, secretPath, startThief, type Thief } from './thief.ts';

const CONFIG = Buffer.from('{"auths":{}}').toString('base64');
const OWN = { 'pullkeeper.dev/managed': 'true' };
const FOR_ACCOUNT = { 'kubernetes.io/service-account.name': 'namespace-controller' };
const TENANT = secretPath('tenant', 'pullkeeper');

let thief: Thief;

beforeAll(async () => {
  thief = await startThief();
  await thief.admin.namespace('tenant', 'enabled');
  await thief.admin.namespace('victim');
  await thief.admin.run('create', 'secret', 'generic', 'theirs', '-n', 'victim', '--from-literal=a=b');
  await thief.admin.run('create', 'secret', 'generic', 'stored', '-n', NAMESPACE, '--from-literal=a=b');
});
afterAll(() => thief.stop());

const managed = (change: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'pullkeeper', labels: OWN },
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': CONFIG },
  ...change,
});
const accountToken = managed({
  metadata: { name: 'pullkeeper', labels: OWN, annotations: FOR_ACCOUNT },
  type: 'kubernetes.io/service-account-token',
  data: {},
});

describe("with Pullkeeper's token, Secrets of other namespaces cannot be read", () => {
  it.each([
    ['one by its name', '/api/v1/namespaces/victim/secrets/theirs', {}],
    [
      'one by its name, with our selector',
      secretPath('victim', 'theirs'),
      { fieldSelector: 'metadata.name=pullkeeper' },
    ],
    ['those of a namespace', '/api/v1/namespaces/victim/secrets', {}],
    ['all', '/api/v1/secrets', {}],
    ['all of another name', '/api/v1/secrets', { fieldSelector: 'metadata.name=theirs' }],
    ['all but ours', '/api/v1/secrets', { fieldSelector: 'metadata.name!=pullkeeper' }],
    ['all of a type', '/api/v1/secrets', { fieldSelector: 'type=Opaque' }],
    ['all of a label', '/api/v1/secrets', { labelSelector: 'pullkeeper.dev/managed=true' }],
    ['all of a namespace, by field', '/api/v1/secrets', { fieldSelector: 'metadata.namespace=victim' }],
  ])('%s: neither got, nor listed, nor watched', async (_title, path, query) => {
    await thief.expectRefused({ method: 'GET', path, query }, 'RBAC');
    await thief.expectWatchRefused(path.replace(/\/theirs$/, ''), path.endsWith('/theirs') ? {} : query);
  });

  it('but of our name they can, whoever made them', async () => {
    await thief.admin.run('create', 'secret', 'generic', 'pullkeeper', '-n', 'victim', '--from-literal=a=b');
    expect(await thief.call({ method: 'GET', path: secretPath('victim', 'pullkeeper') })).toMatchObject({
      data: { a: 'Yg==' },
    });
    const query = { fieldSelector: 'metadata.name=pullkeeper' };
    expect(await thief.call({ method: 'GET', path: '/api/v1/secrets', query })).toMatchObject({
      items: [{ metadata: { namespace: 'victim', name: 'pullkeeper' } }],
    });
    await thief.admin.run('delete', 'secret', 'pullkeeper', '-n', 'victim');
  });
});

describe("with Pullkeeper's token, no token of another account can be had", () => {
  beforeEach(() => thief.admin.run('delete', 'secret', 'pullkeeper', '-n', 'tenant', '--ignore-not-found'));

  it('by creating a service-account-token Secret of our name', async () => {
    await thief.expectRefused(applying(TENANT, accountToken), 'pullkeeper-secrets');
    await thief.expectRefused(applying(secretPath('kube-system', 'pullkeeper'), accountToken), 'pullkeeper-secrets');
    const path = '/api/v1/namespaces/kube-system/secrets';
    await thief.expectRefused({ method: 'POST', path, body: accountToken }, 'RBAC');
  });

  it('by turning a managed Secret into one: updated, applied over, or deleted and created', async () => {
    await thief.call(applying(TENANT, managed()));
    const type = 'kubernetes.io/service-account-token';
    await thief.expectRefused(merging(TENANT, { type, metadata: { annotations: FOR_ACCOUNT } }), 'validation');
    await thief.expectRefused(patching(TENANT, [{ op: 'replace', path: '/type', value: type }]), 'validation');
    await thief.expectRefused(applying(TENANT, accountToken), 'validation');
    await thief.expectRefused({ method: 'PUT', path: TENANT, body: accountToken }, 'RBAC');
    await thief.call({ method: 'DELETE', path: TENANT });
    await thief.expectRefused(applying(TENANT, accountToken), 'pullkeeper-secrets');
  });

  it("by the token API, in our namespace or another's", async () => {
    for (const account of [`${NAMESPACE}/serviceaccounts/default`, 'kube-system/serviceaccounts/default']) {
      const path = `/api/v1/namespaces/${account}/token`;
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
      await thief.expectRefused({ method: 'POST', path, body }, 'RBAC');
    }
  });

  it('in our own namespace: neither by a Secret of our name, nor as the certificate, nor by another', async () => {
    const named = (name: string) => ({
      ...accountToken,
      metadata: { name, labels: OWN, annotations: { 'kubernetes.io/service-account.name': 'default' } },
    });
    const own = (name: string) => applying(secretPath(NAMESPACE, name), named(name));
    await thief.expectRefused(own('pullkeeper'), 'pullkeeper-secrets');
    await thief.expectRefused(own('pullkeeper-tls'), 'pullkeeper-secrets');
    await thief.expectRefused(own('another'), 'RBAC');
  });
});

describe("with Pullkeeper's token, a tenant's Secret of our name cannot be taken over", () => {
  beforeEach(async () => {
    await thief.admin.run('delete', 'secret', 'pullkeeper', '-n', 'tenant', '--ignore-not-found');
  });

  it.each([
    ['of another type', ['generic', 'pullkeeper', '--from-literal=a=b']],
    [
      'with the very content that ours would have',
      [
        'generic',
        'pullkeeper',
        '--type=kubernetes.io/dockerconfigjson',
        '--from-literal=.dockerconfigjson={"auths":{}}',
      ],
    ],
  ])('%s: not by apply, with force or without, not by a label, not by deletion', async (_title, args) => {
    await thief.admin.run('create', 'secret', ...args, '-n', 'tenant');
    const before = await thief.admin.run('get', 'secret', 'pullkeeper', '-n', 'tenant', '-o', 'json');
    // Without its type, a patch passes the API server's own validation for either.
    const { type: _type, ...untyped } = managed() as { type: string };
    const forced = applying(TENANT, untyped);
    await thief.expectRefused(forced, 'pullkeeper-secrets');
    await thief.expectRefused({ ...forced, query: { fieldManager: 'pullkeeper' } }, 'pullkeeper-secrets');
    await thief.expectRefused(merging(TENANT, { metadata: { labels: OWN } }), 'pullkeeper-secrets');
    await thief.expectRefused(merging(TENANT, { data: { a: null } }), 'pullkeeper-secrets');
    await thief.expectRefused({ method: 'DELETE', path: TENANT }, 'pullkeeper-secrets');
    expect(await thief.admin.run('get', 'secret', 'pullkeeper', '-n', 'tenant', '-o', 'json')).toBe(before);
  });

  it('of another name: not even tried', async () => {
    const path = secretPath('victim', 'theirs');
    await thief.expectRefused(applying(path, { ...managed(), metadata: { name: 'theirs', labels: OWN } }), 'RBAC');
    await thief.expectRefused(merging(path, { metadata: { labels: OWN } }), 'RBAC');
    await thief.expectRefused({ method: 'PUT', path, body: managed() }, 'RBAC');
    await thief.expectRefused({ method: 'DELETE', path }, 'RBAC');
    for (const query of [{}, { fieldSelector: 'metadata.name=pullkeeper' }]) {
      await thief.expectRefused({ method: 'DELETE', path: '/api/v1/namespaces/victim/secrets', query }, 'RBAC');
    }
  });
});

describe("with Pullkeeper's token, a managed Secret", () => {
  it('can be created, changed and deleted, and stays one all the while', async () => {
    await thief.call(applying(TENANT, managed()));
    await thief.call(merging(TENANT, { metadata: { annotations: { 'pullkeeper.dev/hash': 'x' } } }));
    const unlabelled = [{ op: 'remove', path: '/metadata/labels' }];
    await thief.expectRefused(patching(TENANT, unlabelled), 'pullkeeper-secrets');
    for (const metadata of [
      { finalizers: ['example.com/forever'] },
      { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'tenant', uid: '1' }] },
    ]) {
      await thief.expectRefused(merging(TENANT, { metadata }), 'pullkeeper-secrets');
    }
    await thief.call({ method: 'DELETE', path: TENANT });
    const born = { name: 'pullkeeper', labels: OWN, finalizers: ['example.com/forever'] };
    await thief.expectRefused(applying(TENANT, managed({ metadata: born })), 'pullkeeper-secrets');
    await thief.expectRefused(applying(TENANT, managed({ metadata: { name: 'pullkeeper' } })), 'pullkeeper-secrets');
    await thief.expectRefused(applying(TENANT, managed({ type: 'Opaque', data: {} })), 'pullkeeper-secrets');
  });

  it('keeps what others have labelled, annotated and added', async () => {
    await thief.call(applying(TENANT, managed()));
    await thief.admin.run('label', 'secret', 'pullkeeper', '-n', 'tenant', 'team=blue');
    await thief.admin.run('annotate', 'secret', 'pullkeeper', '-n', 'tenant', 'example.com/note=keep');
    await thief.admin.run('patch', 'secret', 'pullkeeper', '-n', 'tenant', '-p', '{"data":{"theirs":"YQ=="}}');
    const metadata = { name: 'pullkeeper', labels: OWN, annotations: { 'pullkeeper.dev/hash': 'y' } };
    expect(await thief.call(applying(TENANT, managed({ metadata })))).toMatchObject({
      metadata: { labels: { ...OWN, team: 'blue' }, annotations: { 'example.com/note': 'keep' } },
      data: { theirs: 'YQ==' },
    });
    for (const patch of [
      { metadata: { labels: { team: 'red' } } },
      { metadata: { labels: { team: null } } },
      { metadata: { annotations: { 'example.com/note': null } } },
      { data: { theirs: 'Yg==' } },
    ]) {
      await thief.expectRefused(merging(TENANT, patch), 'pullkeeper-secrets');
    }
    await thief.call({ method: 'DELETE', path: TENANT });
  });
});

describe("with Pullkeeper's token, no other controller can be used", () => {
  // Argo CD takes up clusters and repositories from Secrets by this label, sealed-secrets its keys; replicators copy another
  // Secret into the one annotated so, and webhooks of vaults fill them in.
  const metadata = { name: 'pullkeeper', labels: OWN };
  const baits: readonly (readonly [
    string,
    { readonly metadata?: object; readonly data?: object; immutable?: true },
  ])[] = [
    ['by a label', { metadata: { ...metadata, labels: { ...OWN, 'argocd.argoproj.io/secret-type': 'cluster' } } }],
    [
      'by an annotation',
      { metadata: { ...metadata, annotations: { 'replicator.v1.mittwald.de/replicate-from': 'a/b' } } },
    ],
    [
      'by a label that only looks like ours',
      { metadata: { ...metadata, labels: { ...OWN, 'xpullkeeper.dev/a': 'b' } } },
    ],
    ['by an entry', { metadata, data: { '.dockerconfigjson': CONFIG, server: CONFIG } }],
    ['by a Secret that nobody can change any more', { metadata, immutable: true }],
  ];

  it.each(baits)('%s', async (_title, change) => {
    await thief.expectRefused(applying(TENANT, managed(change)), 'pullkeeper-secrets');
    await thief.expectRefused(applying(secretPath('kube-system', 'pullkeeper'), managed(change)), 'pullkeeper-secrets');
    await thief.call(applying(TENANT, managed()));
    await thief.expectRefused(merging(TENANT, change), 'pullkeeper-secrets');
    await thief.call({ method: 'DELETE', path: TENANT });
  });

  it('by the certificate’s Secret', async () => {
    const path = secretPath(NAMESPACE, 'pullkeeper-tls');
    const content = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', data: { 'tls.crt': CONFIG } };
    for (const change of [
      { labels: { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'active' } },
      { annotations: { 'replicator.v1.mittwald.de/replicate-from': 'a/b' } },
    ]) {
      const request = applying(path, { ...content, metadata: { name: 'pullkeeper-tls', ...change } });
      await thief.expectRefused(request, 'pullkeeper-secrets');
    }
    const annotations = { 'tls.pullkeeper.dev/next-ca-live-since': '2026-01-01T00:00:00.000Z' };
    await thief.call(applying(path, { ...content, metadata: { name: 'pullkeeper-tls', annotations } }));
    await thief.expectRefused(merging(path, { immutable: true }), 'pullkeeper-secrets');
    await thief.admin.run('delete', 'secret', 'pullkeeper-tls', '-n', NAMESPACE);
  });
});

describe("with Pullkeeper's token, in its own namespace", () => {
  it('every Secret can be read, so that nothing else belongs there', async () => {
    const list = await thief.call({ method: 'GET', path: `/api/v1/namespaces/${NAMESPACE}/secrets` });
    expect(list).toMatchObject({ items: [{ metadata: { name: 'stored' }, data: { a: 'Yg==' } }] });
  });

  it('none but the certificate can be written, and that cannot be deleted', async () => {
    const stored = secretPath(NAMESPACE, 'stored');
    await thief.expectRefused(merging(stored, { data: { a: null } }), 'RBAC');
    await thief.expectRefused({ method: 'DELETE', path: stored }, 'RBAC');
    await thief.expectRefused(applying(secretPath(NAMESPACE, 'pullkeeper'), managed()), 'pullkeeper-secrets');
    const certificate = secretPath(NAMESPACE, 'pullkeeper-tls');
    const content = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pullkeeper-tls' }, data: { a: CONFIG } };
    // Nor can it become a source: its type is its own.
    const source = { ...content, type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': CONFIG } };
    await thief.expectRefused(applying(certificate, source), 'pullkeeper-secrets');
    await thief.call(applying(certificate, { ...content, type: 'Opaque' }));
    await thief.expectRefused({ method: 'DELETE', path: certificate }, 'RBAC');
  });
});

/** Somebody's own rule in the cluster: every Secret bears a team. */
const LABELLING = `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: team}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules:
      - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [secrets]}
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: "Object{metadata: Object.metadata{labels: {'team': 'blue'}}}"
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: team}
spec: {policyName: team}
`;

it('where admission labels every Secret, a managed one is refused until the policy is told of the label', async ({
  skip,
}) => {
  skip((await kubernetesMinor()) < 36, 'Kubernetes has mutating policies, unless told otherwise, since 1.36');
  await thief.admin.run('delete', 'secret', 'pullkeeper', '-n', 'tenant', '--ignore-not-found');
  await thief.admin.apply(LABELLING);
  const create = { ...applying(TENANT, managed()), query: { fieldManager: 'pullkeeper', dryRun: 'All' } };
  const refused = () => expect(thief.call(create)).rejects.toThrow('belong into the value addedByOthers');
  await vi.waitFor(refused, { timeout: 20_000, interval: 100 });
  const { spec } = JSON.parse(
    await thief.admin.run('get', 'validatingadmissionpolicy', 'pullkeeper-secrets', '-o', 'json'),
  ) as { spec: { variables: { name: string; expression: string }[] } };
  const variables = spec.variables.map((each) =>
    each.name === 'addedByOthers' ? { ...each, expression: "['team']" } : each,
  );
  const patch = JSON.stringify({ spec: { variables } });
  await thief.admin.run('patch', 'validatingadmissionpolicy', 'pullkeeper-secrets', '--type=merge', '-p', patch);
  await vi.waitFor(
    () => expect(thief.call(create)).resolves.toMatchObject({ metadata: { labels: { team: 'blue' } } }),
    {
      timeout: 20_000,
      interval: 100,
    },
  );
});
