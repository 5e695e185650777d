import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { KubectlResult } from '../../tools/cluster/kubectl.ts';
import { useCluster } from './stage.ts';

const LABEL_GUARD = join(import.meta.dirname, '../../manifests/optional/label-guard.yaml');
/** Both may do everything with namespaces; one of them may enable them besides. */
const PEOPLE = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: namespaces}
rules:
  - apiGroups: ['']
    resources: [namespaces, namespaces/status, namespaces/finalize]
    verbs: ['*']
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: namespaces}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: namespaces}
subjects: [{kind: User, name: tenant}, {kind: User, name: labeller}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: labellers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: pullkeeper-namespace-labeller}
subjects: [{kind: User, name: labeller}]
`;

const { cluster, admin } = useCluster();

beforeAll(async () => {
  // As somebody would who has a source that selects namespaces by the label `tier`.
  const guard = await readFile(LABEL_GUARD, 'utf8');
  if (!guard.includes("expression: '[]'")) throw new Error('the list of further labels is not where it was');
  await admin.apply(guard.replace("expression: '[]'", `expression: "['tier']"`));
  await admin.apply(PEOPLE);
  await admin.run('create', 'namespace', 'plain');
  await admin.run('create', 'namespace', 'ours');
  await admin.run('label', 'namespace', 'ours', 'pullkeeper.dev/inject=enabled', 'tier=gold');
  await vi.waitFor(
    async () => {
      const { stderr } = await as('tenant')(
        'label',
        'namespace',
        'plain',
        'pullkeeper.dev/probe=x',
        '--dry-run=server',
      );
      if (!stderr.includes('pullkeeper-label-guard')) throw new Error('the policy is not in force yet');
    },
    { timeout: 30_000, interval: 100 },
  );
});

const as =
  (user: string) =>
  (...args: readonly string[]): Promise<KubectlResult> =>
    cluster().kubectl([...args, `--as=${user}`]);

const merge = (patch: object): readonly string[] => ['--type=merge', '-p', JSON.stringify(patch)];
const labels = (of: object): object => ({ metadata: { labels: of } });

/** Each would have another namespace get credentials, or a namespace lose them. */
const GUARDED: readonly (readonly [title: string, args: readonly string[], label: string])[] = [
  ['enabling', ['label', 'ns', 'plain', 'pullkeeper.dev/inject=enabled'], 'pullkeeper.dev/inject'],
  ['disabling', ['label', 'ns', 'ours', 'pullkeeper.dev/inject-'], 'pullkeeper.dev/inject'],
  ['changing', ['label', 'ns', 'ours', 'pullkeeper.dev/inject=always', '--overwrite'], 'pullkeeper.dev/inject'],
  ['setting a label that scopes select by', ['label', 'ns', 'plain', 'tier=gold'], 'tier'],
  ['changing it', ['label', 'ns', 'ours', 'tier=iron', '--overwrite'], 'tier'],
  [
    "enabling by way of the namespace's status",
    ['patch', 'ns', 'plain', '--subresource=status', ...merge(labels({ 'pullkeeper.dev/inject': 'enabled' }))],
    'pullkeeper.dev/inject',
  ],
];

describe('the label guard', () => {
  it.each(GUARDED)('refuses %s to who may only change namespaces', async (_title, args, label) => {
    const before = await admin.run('get', 'namespaces', '-o', 'json');
    const { code, stderr } = await as('tenant')(...args);
    expect(stderr).toContain(
      `denied request: label ${label} decides which registry credentials a namespace gets: it takes the right to set namespacelabels.pullkeeper.dev`,
    );
    expect(code).toBe(1);
    expect(await admin.run('get', 'namespaces', '-o', 'json')).toBe(before);
  });

  it('refuses a namespace that is created enabled, and one that is finalized into it', async () => {
    const metadata = { labels: { 'pullkeeper.dev/inject': 'enabled' } };
    const named = (name: string) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { ...metadata, name } });
    const created = await cluster().kubectl(['create', '--as=tenant', '-f', '-'], { input: named('fresh') });
    expect(created.stderr).toContain('label pullkeeper.dev/inject decides');
    const finalized = await cluster().kubectl(
      ['replace', '--as=tenant', '--raw', '/api/v1/namespaces/plain/finalize', '-f', '-'],
      { input: named('plain') },
    );
    expect(finalized.stderr).toContain('label pullkeeper.dev/inject decides');
  });

  it('lets everybody do all else: other labels, also on an enabled namespace, creating and deleting', async () => {
    const tenant = as('tenant');
    for (const args of [
      ['label', 'ns', 'ours', 'colour=blue'],
      ['annotate', 'ns', 'ours', 'note=x'],
      ['create', 'ns', 'theirs'],
      ['delete', 'ns', 'theirs'],
    ]) {
      expect(await tenant(...args)).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it.each(GUARDED)('lets who holds the verb do it: %s', async (_title, args) => {
    expect(await as('labeller')(...args, '--dry-run=server')).toMatchObject({ code: 0, stderr: '' });
  });

  it('lets the cluster administrator do it', async () => {
    expect(await admin.run('label', 'ns', 'plain', 'pullkeeper.dev/inject=enabled')).toContain('labeled');
    expect(await admin.run('label', 'ns', 'plain', 'pullkeeper.dev/inject-')).toContain('unlabeled');
  });

  it('gives the verb alone no right to change namespaces', async () => {
    await admin.run('create', 'clusterrolebinding', 'verb', '--clusterrole=pullkeeper-namespace-labeller', '--user=v');
    const { stderr } = await as('v')('label', 'ns', 'plain', 'pullkeeper.dev/inject=enabled');
    expect(stderr).toContain('User "v" cannot');
  });

  it('has no expression that the API server finds fault with', async () => {
    const status = ['-o', 'jsonpath={.status.typeChecking}'];
    await expect
      .poll(() => admin.run('get', 'validatingadmissionpolicy', 'pullkeeper-label-guard', ...status))
      .toBe('{}');
  });
});
