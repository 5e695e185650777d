import { beforeAll, describe, expect, it, vi } from 'vitest';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import type { ManagedProgram } from '../../tools/cluster/managed-program.ts';
import { INSTALL_YAML } from '../../tools/installation/manifests.ts';
import { CHART, createHelm, renderAcceptedCases, startReplica, type Helm } from './chart-release.ts';
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
  helm = await createHelm(cluster());
});

/** Every object of the chart's, with what the API server counts of it. */
async function readVersions(): Promise<Readonly<Record<string, string>>> {
  const kinds = await admin.run('api-resources', '--verbs=list', '-o', 'name');
  const format = 'jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.resourceVersion}{"\\n"}{end}';
  const label = ['-l', 'app.kubernetes.io/part-of=pullkeeper'];
  const ours = kinds.split('\n').filter((kind) => !/^(?:pods|replicasets|endpoint|componentstatuses)/.test(kind));
  const lines = await admin.run('get', ours.join(','), '-A', ...label, '-o', format);
  return Object.fromEntries(
    lines
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('=') as [string, string]),
  );
}

const caBundle = (): Promise<string> =>
  admin.run('get', 'mutatingwebhookconfiguration', 'pullkeeper', '-o', 'jsonpath={.webhooks[0].clientConfig.caBundle}');

const diff = async (...flags: readonly string[]): Promise<string> => {
  const input = await helm('get', 'manifest', 'keeper', '--namespace', 'pk');
  const { stdout, stderr, code } = await cluster().kubectl(['diff', ...flags, '-f', '-'], { input });
  return `${code} ${stdout}${stderr}`;
};

/** One ReplicaSet for each Pod template that the Deployment has had. */
const podGenerations = async (namespace: string): Promise<readonly string[]> =>
  (await admin.run('get', 'replicasets', '-n', namespace, '-o', 'name')).split('\n').filter(Boolean);

describe('the API server', () => {
  it('accepts what the chart renders, whatever is set', async () => {
    await admin.run('create', 'namespace', 'pk');
    for (const [name, rendered] of await renderAcceptedCases('pk')) {
      const apply = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'];
      expect([name, await cluster().kubectl(apply, { input: rendered })]).toEqual([
        name,
        { code: 0, stdout: expect.any(String), stderr: '' },
      ]);
    }
  });
});

describe('installed into another namespace, with another selector and Secret', () => {
  beforeAll(async () => {
    settings = [...SETTINGS, '--set', `webhook.url=https://127.0.0.1:${await findFreePort()}`];
    await helm('install', ...RELEASE, ...settings);
    replica = await startReplica(cluster(), admin, 'pk');
  });

  it('a Pod gets the reference, and its namespace the Secret', async () => {
    await admin.run(
      ...['create', 'secret', 'docker-registry', 'harbor', '-n', 'pk', '--docker-server=harbor.example.com'],
      ...['--docker-username=puller', '--docker-password=s3cret'],
    );
    await admin.run('annotate', 'secret', 'harbor', '-n', 'pk', 'pullkeeper.dev/namespaces=*');
    await admin.run('create', 'namespace', 'tom');
    await admin.run('label', 'namespace', 'tom', 'team=blue');
    const secret = ['get', 'secret', 'registry-credentials', '-n', 'tom', '-o', 'jsonpath={.type}'];
    await vi.waitFor(async () => expect(await admin.run(...secret)).toBe('kubernetes.io/dockerconfigjson'), 10_000);
    await admin.pod('tom', 'web', 'harbor.example.com/web');
    expect(await admin.pullSecrets('tom', 'web')).toEqual(['registry-credentials']);
    await admin.namespace('other', 'enabled');
    await admin.pod('other', 'web', 'harbor.example.com/web');
    expect(await admin.pullSecrets('other', 'web')).toEqual([]);
  });

  it('a bad source is refused there', async () => {
    const scope = "annotations: {pullkeeper.dev/namespaces: '*'}";
    const input = `{apiVersion: v1, kind: Secret, metadata: {name: bad, namespace: pk, ${scope}}, type: Opaque}`;
    const { stderr } = await cluster().kubectl(['create', '--dry-run=server', '-f', '-'], { input });
    expect(stderr).toContain('admission webhook "sources.pullkeeper.dev" denied the request');
  });

  it('policies confine the account: no other type of Secret, and nothing of a webhook but its caBundle', async () => {
    const asPullkeeper = ['--as=system:serviceaccount:pk:pullkeeper'];
    const secret =
      '{apiVersion: v1, kind: Secret, metadata: {name: registry-credentials, namespace: default}, type: Opaque}';
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
    const before = await readVersions();
    await helm('upgrade', ...RELEASE, ...(flags.length === 0 ? settings : flags));
    expect(await readVersions()).toEqual(before);
    expect(Object.keys(before).length).toBeGreaterThan(15);
  });

  it('with another value changes what it is for', async () => {
    const before = await readVersions();
    await helm('upgrade', ...RELEASE, '--reuse-values', '--set', 'podDisruptionBudget.maxUnavailable=50%');
    const now = await readVersions();
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
    const [bundle, generations] = [await caBundle(), await podGenerations('pk')];
    const input = await helm('template', ...RELEASE, ...settings);
    for (const how of [[], ['--server-side', '--force-conflicts', '--field-manager=argocd-controller']]) {
      const { code, stderr } = await cluster().kubectl(['apply', ...how, '-f', '-'], { input });
      expect([code, stderr.replaceAll(/^Warning: .*\n/gm, '')]).toEqual([0, '']);
    }
    expect([await caBundle(), await podGenerations('pk')]).toEqual([bundle, generations]);
  });
});

describe('helm uninstall', () => {
  it('leaves what was written at run time, and nothing else', async () => {
    await replica.stop('SIGTERM');
    await helm('uninstall', 'keeper', '--namespace', 'pk');
    await vi.waitFor(async () => expect(await readVersions()).toEqual({}), { timeout: 20_000, interval: 200 });
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
    await vi.waitFor(async () => expect(await podGenerations('pullkeeper-system')).toHaveLength(1), 10_000);
    const before = await podGenerations('pullkeeper-system');
    await helm('install', 'pullkeeper', CHART, '--namespace', 'pullkeeper-system', '--take-ownership');
    const manager = 'jsonpath={.metadata.labels.app\\.kubernetes\\.io/managed-by} {.status.observedGeneration}';
    const deployment = ['get', 'deployment', 'pullkeeper', '-n', 'pullkeeper-system', '-o'];
    await vi.waitFor(async () => expect(await admin.run(...deployment, manager)).toBe('Helm 2'), 10_000);
    expect(await podGenerations('pullkeeper-system')).toEqual(before);
  });
});
