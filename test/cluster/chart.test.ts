import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createDevelopmentCertificates } from '../../tools/certs/development.ts';
import { ensureHelm } from '../../tools/chart/helm.ts';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import type { ManagedProgram } from '../../tools/cluster/managed-program.ts';
import { createHelm, type Helm } from '../../tools/installation/helm-command.ts';
import { INSTALL_YAML } from '../../tools/installation/manifests.ts';
import {
  CHART,
  podGenerations,
  readCommands,
  readVersions,
  renderAcceptedCases,
  runInShell,
  startReplica,
} from './chart-release.ts';
import { useCluster } from './stage.ts';

// Nothing as it is by default: another namespace, release, Secret and selector.
const RELEASE = ['keeper', CHART, '--namespace', 'pk'] as const;
const SETTINGS = [
  ...['--set', 'secretName=registry-credentials'],
  ...['--set', 'namespaceSelector.matchLabels.team=blue', '--set-json', 'namespaceSelector.matchExpressions=[]'],
];

const { cluster, admin } = useCluster();
let helm: Helm;
let settings: readonly string[];
let replica: ManagedProgram;

beforeAll(async () => {
  helm = createHelm(cluster(), await ensureHelm());
});

const caBundle = (): Promise<string> =>
  admin.run('get', 'mutatingwebhookconfiguration', 'pullkeeper', '-o', 'jsonpath={.webhooks[0].clientConfig.caBundle}');

const diff = async (...flags: readonly string[]): Promise<string> => {
  const input = await helm('get', 'manifest', 'keeper', '--namespace', 'pk');
  const { stdout, stderr, code } = await cluster().kubectl(['diff', ...flags, '-f', '-'], { input });
  return `${code} ${stdout}${stderr}`;
};

/** API servers take a moment to see a changed webhook configuration. */
async function expectInjection(pod: string): Promise<void> {
  const create = ['run', pod, '-n', 'tom', '--image=harbor.example.com/web', '--dry-run=server', '-o'];
  await vi.waitFor(
    async () => {
      expect(await admin.run(...create, 'jsonpath={.spec.imagePullSecrets[*].name}')).toBe('registry-credentials');
    },
    { timeout: 20_000, interval: 100 },
  );
}

describe('the API server', () => {
  it('accepts what the chart renders, whatever is set', async () => {
    await admin.run('create', 'namespace', 'pk');
    const input = await renderAcceptedCases('pk');
    const apply = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'];
    const { code, stdout, stderr } = await cluster().kubectl(apply, { input });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.match(/^deployment\.apps\/pullkeeper /gm)?.length).toBeGreaterThan(10);
  });
});

describe('installed into another namespace, with another selector and Secret', () => {
  beforeAll(async () => {
    settings = [...SETTINGS, '--set', `webhook.url=https://127.0.0.1:${await findFreePort()}`];
    await helm('install', ...RELEASE, ...settings);
    replica = await startReplica(cluster(), admin, 'pk');
  });

  it('does what its notes say: three commands, and a Pod refers to the Secret', async () => {
    await admin.run('create', 'namespace', 'tom');
    const notes = await helm('get', 'notes', 'keeper', '--namespace', 'pk');
    expect(notes).toContain('Enable a namespace, by labels that this selects: team=blue');
    const own = { NAMESPACE: 'tom', 'KEY=VALUE': 'team=blue', REGISTRY: 'harbor.example.com', IMAGE: 'web:1' };
    const commands = readCommands(notes, { ...own, USER: 'puller', PASSWORD: 's3cret' });
    expect(commands).toHaveLength(5);
    const printed: string[] = [];
    for (const command of commands) printed.push(await runInShell(cluster(), command));
    expect(printed.at(-1)).toBe('[{"name":"registry-credentials"}]');
    const secret = ['get', 'secret', 'registry-credentials', '-n', 'tom', '-o', 'jsonpath={.type}'];
    expect(await admin.run(...secret)).toBe('kubernetes.io/dockerconfigjson');
  });

  it('leaves a namespace alone that the default would enable', async () => {
    await admin.namespace('other', 'enabled');
    await admin.pod('other', 'web', 'harbor.example.com/web');
    expect(await admin.pullSecrets('other', 'web')).toEqual([]);
  });

  it('a bad source is refused there', async () => {
    const scope = "annotations: {pullkeeper.dev/namespaces: '*'}";
    const input = `apiVersion: v1\nkind: Secret\nmetadata: {name: bad, namespace: pk, ${scope}}\ntype: Opaque\n`;
    const { stderr } = await cluster().kubectl(['create', '--dry-run=server', '-f', '-'], { input });
    expect(stderr).toContain('admission webhook "sources.pullkeeper.dev" denied the request');
  });

  it('policies confine the account: no other type of Secret, and nothing of a webhook but its caBundle', async () => {
    const asPullkeeper = ['--as=system:serviceaccount:pk:pullkeeper'];
    const secret =
      'apiVersion: v1\nkind: Secret\nmetadata: {name: registry-credentials, namespace: default}\ntype: Opaque\n';
    const apply = ['apply', '--server-side', '-f', '-', ...asPullkeeper];
    expect((await cluster().kubectl(apply, { input: secret })).stderr).toContain(
      "ValidatingAdmissionPolicy 'pullkeeper-secrets' with binding 'pullkeeper-secrets' denied request: a managed Secret is of type",
    );
    const other = secret.replace('registry-credentials', 'pullkeeper');
    expect((await cluster().kubectl(apply, { input: other })).stderr).toContain('cannot patch resource "secrets"');
    const widen = '[{"op": "replace", "path": "/webhooks/0/rules/0/resources", "value": ["*"]}]';
    const patch = ['patch', 'mutatingwebhookconfiguration', 'pullkeeper', '--type=json', '-p', widen, ...asPullkeeper];
    expect((await cluster().kubectl(patch)).stderr).toContain("ValidatingAdmissionPolicy 'pullkeeper-webhooks'");
  });
});

describe('helm upgrade', () => {
  it.each([
    ['with the same values', []],
    ['with --reuse-values', ['--reuse-values']],
    ['with --reset-then-reuse-values', ['--reset-then-reuse-values']],
  ])('%s changes no object', async (_title, flags) => {
    const before = await readVersions(admin);
    await helm('upgrade', ...RELEASE, ...(flags.length === 0 ? settings : flags));
    expect(await readVersions(admin)).toEqual(before);
    expect(Object.keys(before).length).toBeGreaterThan(15);
  });

  it('with another value changes what it is for', async () => {
    const before = await readVersions(admin);
    await helm('upgrade', ...RELEASE, '--reuse-values', '--set', 'podDisruptionBudget.maxUnavailable=50%');
    const now = await readVersions(admin);
    expect(Object.keys(now).filter((key) => now[key] !== before[key])).toEqual(['PodDisruptionBudget/pullkeeper']);
  });
});

describe('caBundle, which Pullkeeper sets', () => {
  it('shows in no kubectl diff, neither before nor after the certificates were replaced', async () => {
    const first = await caBundle();
    expect(first).not.toBe('');
    expect(await diff()).toBe('0 ');
    await admin.run('delete', 'secret', 'pullkeeper-tls', '-n', 'pk');
    await vi.waitFor(async () => expect(await caBundle()).not.toBe(first), { timeout: 15_000, interval: 100 });
    expect(await diff()).toBe('0 ');
    expect(await diff('--server-side', '--force-conflicts', '--field-manager=argocd-controller')).toMatch(/^0 /);
  });

  it('stays when the chart is applied as GitOps does, which starts no Pod anew', async () => {
    const [bundle, generations] = [await caBundle(), await podGenerations(admin, 'pk')];
    const input = await helm('template', ...RELEASE, ...settings);
    for (const how of [[], ['--server-side', '--force-conflicts', '--field-manager=argocd-controller']]) {
      const { code, stderr } = await cluster().kubectl(['apply', ...how, '-f', '-'], { input });
      expect([code, stderr.replaceAll(/^Warning: .*\n/gm, '')]).toEqual([0, '']);
    }
    expect([await caBundle(), await podGenerations(admin, 'pk')]).toEqual([bundle, generations]);
  });
});

describe('a certificate of yours, by tls.mode secret', () => {
  it('takes caBundle from Pullkeeper with --force-conflicts alone, and the right to write it too', async () => {
    await replica.stop('SIGINT');
    const dir = join(cluster().folder, 'certificate');
    const { caPem } = await createDevelopmentCertificates({ hosts: ['127.0.0.1'], days: 2, dir });
    const values = join(cluster().folder, 'certificate.yaml');
    await writeFile(values, JSON.stringify({ tls: { mode: 'secret', secret: { name: 'webhook', caBundle: caPem } } }));
    const upgrade = ['upgrade', ...RELEASE, ...settings, '--values', values];
    await expect(helm(...upgrade)).rejects.toThrow(/conflict with "pullkeeper".*caBundle/s);
    await helm(...upgrade, '--force-conflicts');
    expect(Buffer.from(await caBundle(), 'base64').toString()).toBe(caPem);
    const mount = [`--tls-cert-file=${join(dir, 'tls.crt')}`, `--tls-key-file=${join(dir, 'tls.key')}`];
    replica = await startReplica(cluster(), admin, 'pk', mount);
    await expectInjection('by-files');
    const patch = ['patch', 'mutatingwebhookconfiguration', 'pullkeeper', '--type=merge', '-p', '{}'];
    const { stderr } = await cluster().kubectl([...patch, '--as=system:serviceaccount:pk:pullkeeper']);
    expect(stderr).toContain('cannot get resource "mutatingwebhookconfigurations"');
  });

  it('gives way to Pullkeeper’s own again', async () => {
    await replica.stop('SIGINT');
    await helm('upgrade', ...RELEASE, ...settings);
    expect(await caBundle()).toBe('');
    replica = await startReplica(cluster(), admin, 'pk');
    await expectInjection('by-its-own');
  });
});

describe('helm uninstall', () => {
  it('leaves what was written at run time, and nothing else', async () => {
    await replica.stop('SIGINT');
    await helm('uninstall', 'keeper', '--namespace', 'pk');
    await vi.waitFor(async () => expect(await readVersions(admin)).toEqual({}), { timeout: 20_000, interval: 200 });
    const names = ['-o', 'jsonpath={range .items[*]}{.kind}/{.metadata.name}{"\\n"}{end}'];
    const left = await admin.run(
      'get',
      'secrets,leases.coordination.k8s.io,configmaps,serviceaccounts',
      '-n',
      'pk',
      ...names,
    );
    expect(left.split('\n').toSorted()).toEqual([
      'ConfigMap/kube-root-ca.crt',
      'Lease/pullkeeper',
      'Secret/harbor',
      'Secret/pullkeeper-tls',
      'ServiceAccount/default',
    ]);
    const managed = ['get', 'secrets', '-A', '-l', 'pullkeeper.dev/managed=true', ...names];
    expect(await admin.run(...managed)).toBe('Secret/registry-credentials');
  });
});

describe('a plain installation', () => {
  it('is taken over by Helm, and no Pod is started anew', async () => {
    await admin.run('apply', '-f', INSTALL_YAML);
    await vi.waitFor(async () => expect(await podGenerations(admin, 'pullkeeper-system')).toHaveLength(1), 10_000);
    const before = await podGenerations(admin, 'pullkeeper-system');
    await helm('install', 'pullkeeper', CHART, '--namespace', 'pullkeeper-system', '--take-ownership');
    const manager = 'jsonpath={.metadata.labels.app\\.kubernetes\\.io/managed-by} {.status.observedGeneration}';
    const deployment = ['get', 'deployment', 'pullkeeper', '-n', 'pullkeeper-system', '-o'];
    await vi.waitFor(async () => expect(await admin.run(...deployment, manager)).toBe('Helm 2'), 10_000);
    expect(await podGenerations(admin, 'pullkeeper-system')).toEqual(before);
  });
});
