import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDevelopmentCertificates } from '../../tools/certs/development.ts';
import { applying, merging, patching, startThief, WEBHOOKS, type Thief } from './thief.ts';

const MUTATING = `${WEBHOOKS}/mutatingwebhookconfigurations`;
const VALIDATING = `${WEBHOOKS}/validatingwebhookconfigurations`;
const OTHER = `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: other}
webhooks:
  - name: other.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    clientConfig: {url: "https://127.0.0.1:1/"}
`;

let thief: Thief;
let before: string;

beforeAll(async () => {
  thief = await startThief();
  await thief.admin.apply(OTHER);
  before = await readAll();
});
afterAll(() => thief.stop());

/** All configurations as they are, what the API server counts included. */
function readAll(): Promise<string> {
  return thief.admin.run('get', 'mutatingwebhookconfigurations,validatingwebhookconfigurations', '-o', 'json');
}

const at = (path: string) => `/webhooks/0${path}`;
const add = (path: string, value: unknown) => ({ op: 'add', path: at(path), value });
const remove = (path: string) => ({ op: 'remove', path: at(path) });
const everything = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'], scope: '*' };

describe("with Pullkeeper's token, its webhook configurations", () => {
  it.each([
    [
      'cannot be pointed at a URL',
      [remove('/clientConfig/service'), add('/clientConfig/url', 'https://thief.example')],
    ],
    ['cannot be pointed at another Service', [add('/clientConfig/service/name', 'thief')]],
    ['cannot be pointed at another namespace', [add('/clientConfig/service/namespace', 'default')]],
    ['cannot be pointed at another path', [add('/clientConfig/service/path', '/steal')]],
    ['cannot be pointed at another port', [add('/clientConfig/service/port', 8443)]],
    ['cannot have wider rules', [add('/rules/0/resources', ['*/*'])]],
    ['cannot have further rules', [add('/rules/-', everything)]],
    ['cannot see further operations', [add('/rules/0/operations', ['*'])]],
    ['cannot lose their namespaceSelector', [remove('/namespaceSelector')]],
    ['cannot have another namespaceSelector', [add('/namespaceSelector', {})]],
    ['cannot have another objectSelector', [add('/objectSelector', { matchLabels: { a: 'b' } })]],
    ['cannot lose their matchConditions', [remove('/matchConditions')]],
    ['cannot have another matchCondition', [add('/matchConditions/0/expression', 'true')]],
    ['cannot fail closed', [add('/failurePolicy', 'Fail')]],
    ['cannot hold requests up for longer', [add('/timeoutSeconds', 30)]],
    ['cannot claim other side effects', [add('/sideEffects', 'None'), add('/timeoutSeconds', 4)]],
    ['cannot match other versions', [add('/matchPolicy', 'Exact')]],
    ['cannot bear another name', [add('/name', 'thief.pullkeeper.dev')]],
    [
      'cannot have a further webhook',
      [
        { op: 'copy', from: at(''), path: '/webhooks/1' },
        { op: 'replace', path: '/webhooks/1/name', value: 'a.b.c' },
      ],
    ],
    ['cannot lose their webhook', [remove('')]],
    ['cannot be labelled', [{ op: 'add', path: '/metadata/labels/a', value: 'b' }]],
    ['cannot lose a label', [{ op: 'remove', path: '/metadata/labels' }]],
    ['cannot be annotated', [{ op: 'add', path: '/metadata/annotations', value: { a: 'b' } }]],
    ['cannot have finalizers', [{ op: 'add', path: '/metadata/finalizers', value: ['example.com/forever'] }]],
  ])('%s', async (_title, operations) => {
    for (const path of [`${MUTATING}/pullkeeper`, `${VALIDATING}/pullkeeper`]) {
      await thief.expectRefused(patching(path, operations), 'pullkeeper-webhooks');
    }
    expect(await readAll()).toBe(before);
  });

  it('cannot be reinvoked otherwise', async () => {
    const operations = [add('/reinvocationPolicy', 'Never')];
    await thief.expectRefused(patching(`${MUTATING}/pullkeeper`, operations), 'pullkeeper-webhooks');
  });

  it('cannot be changed beside their caBundle in one request, by apply either', async () => {
    const { caPem } = await createDevelopmentCertificates({ hosts: ['a'], days: 1 });
    const caBundle = Buffer.from(caPem).toString('base64');
    const configuration = (webhook: object) => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'pullkeeper' },
      webhooks: [{ name: 'pods.pullkeeper.dev', ...webhook }],
    });
    const path = `${MUTATING}/pullkeeper`;
    for (const change of [
      { rules: [everything] },
      { failurePolicy: 'Fail' },
      { clientConfig: { service: { name: 'x' } } },
    ]) {
      const webhook = { ...change, clientConfig: { caBundle, ...change.clientConfig } };
      await thief.expectRefused(applying(path, configuration(webhook)), 'pullkeeper-webhooks');
    }
    expect(await readAll()).toBe(before);
    await thief.call(applying(path, configuration({ clientConfig: { caBundle } })));
    before = await readAll();
    expect(before).toContain(caBundle);
  });

  it('can be neither replaced, nor deleted, nor created', async () => {
    for (const path of [MUTATING, VALIDATING]) {
      const body = { ...(JSON.parse(before) as { items: object[] }).items[0] };
      await thief.expectRefused({ method: 'PUT', path: `${path}/pullkeeper`, body }, 'RBAC');
      await thief.expectRefused({ method: 'DELETE', path: `${path}/pullkeeper` }, 'RBAC');
      await thief.expectRefused({ method: 'DELETE', path }, 'RBAC');
      await thief.expectRefused({ method: 'POST', path, body: { metadata: { name: 'pullkeeper2' } } }, 'RBAC');
    }
  });
});

describe("with Pullkeeper's token, other webhook configurations", () => {
  it('can be neither read nor written', async () => {
    const path = `${MUTATING}/other`;
    await thief.expectRefused({ method: 'GET', path }, 'RBAC');
    await thief.expectRefused({ method: 'GET', path: MUTATING }, 'RBAC');
    await thief.expectWatchRefused(MUTATING, { fieldSelector: 'metadata.name=other' });
    await thief.expectRefused(merging(path, { webhooks: [] }), 'RBAC');
    await thief.expectRefused(patching(path, [remove('')]), 'RBAC');
    await thief.expectRefused(
      applying(path, {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'other' },
      }),
      'RBAC',
    );
    await thief.expectRefused({ method: 'DELETE', path }, 'RBAC');
    expect(await readAll()).toBe(before);
  });
});
