import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { ensureHelm } from '../../tools/chart/helm.ts';
import { renderChart } from '../../tools/chart/render.ts';
import { untilCalled } from '../../tools/installation/installation.ts';
import { findUntriedCommands, readBlocks, readCommands } from './documented-commands.ts';
import { openRelease, type DocumentedRelease } from './documented-release.ts';
import { skipWithoutWaitForCreate } from './kubernetes-minor.ts';
import { useCluster } from './stage.ts';

// docs/install.md, command by command. What needs a node says so there; the tests on a node do it.

const PAGE = 'docs/install.md';

const { cluster, admin } = useCluster();
const tried = new Set<string>();
let commands: ReadonlyMap<string, string>;
let release: DocumentedRelease;

beforeAll(async () => {
  commands = await readCommands(PAGE);
  release = await openRelease(cluster(), 'install');
  await writeFile(join(release.folder, 'values.yaml'), await readBlock('values'));
  await writeFile(join(release.folder, 'kustomization.yaml'), await readBlock('kustomization'));
});

async function run(name: string): Promise<string> {
  tried.add(name);
  const result = await release.terminal(commands.get(name) ?? `echo 'no commands named ${name}' >&2; exit 1`);
  expect([name, result]).toEqual([name, { code: 0, stdout: expect.any(String), stderr: expect.any(String) }]);
  return result.stdout;
}

/** The one block whose comment is this. */
async function readBlock(comment: string): Promise<string> {
  const [found, another] = (await readBlocks(PAGE)).filter((block) => block.comment === comment);
  if (found === undefined || another !== undefined) throw new Error(`${PAGE} has not one block named ${comment}`);
  return found.text;
}

function readDeployment(path: string): Promise<string> {
  return admin.run('get', 'deployment', 'pullkeeper', '-n', 'pullkeeper-system', '-o', `jsonpath={${path}}`);
}

const IMAGE = '.spec.template.spec.containers[0].image';

describe('Pullkeeper with Helm', () => {
  it('is installed', async () => {
    await run('helm, install');
    expect(await readDeployment(IMAGE)).toBe('registry.example.com/pullkeeper:0.1.0');
    const label = 'jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}';
    expect(await admin.run('get', 'namespace', 'pullkeeper-system', '-o', label)).toBe('restricted');
  });

  it('works, which commands show', async (context) => {
    tried.add('try');
    await skipWithoutWaitForCreate(context);
    const { program } = await release.replica();
    await program.start();
    await untilCalled(cluster());
    expect(await run('try')).toMatch(/\[\{"name":"pullkeeper"\}\]$/);
    await program.stop('SIGINT');
  });

  it('is upgraded, and nothing changes where nothing is asked for', async () => {
    const generation = await readDeployment('.metadata.generation');
    await run('helm, upgrade');
    await run('upgrade');
    expect(await readDeployment('.metadata.generation')).toBe(generation);
  });

  it('is uninstalled, and nothing of it is left', async () => {
    await run('helm, uninstall');
    expect(await findLeft()).toBe('');
  });
});

describe('Pullkeeper whose own image wants a password', () => {
  it('is installed with a pull Secret of its own', async () => {
    await run('pull secret');
    expect(await readDeployment('.spec.template.spec.imagePullSecrets')).toBe('[{"name":"pullkeeper-image"}]');
    await run('helm, uninstall');
    expect(await findLeft()).toBe('');
  });
});

describe('Pullkeeper with plain YAML', () => {
  it('is applied, again without a change, and by Kustomize without one', async () => {
    expect(await run('plain, install')).toMatch(/^deployment.apps\/pullkeeper created$/m);
    expect(await readDeployment(IMAGE)).toBe('registry.example.com/pullkeeper:0.1.0');
    const before = await readVersions();
    expect(before.length).toBeGreaterThan(15);
    await run('plain, install');
    expect(await readVersions()).toEqual(before);
    await run('kustomize');
    expect(await readVersions()).toEqual(before);
  });

  it('is rendered with other values, and taken over by Helm, which starts no Pod anew and upgrades it', async () => {
    await run('plain, render');
    const template = await readDeployment('.spec.template');
    await run('plain, to helm');
    expect(await readDeployment('.spec.template')).toBe(template);
    await appendFile(join(release.folder, 'values.yaml'), 'replicas: 3\n');
    await run('to helm, upgrade');
    expect(await readDeployment('.spec.replicas')).toBe('3');
    await run('helm, uninstall');
    expect(await findLeft()).toBe('');
  });

  it('is uninstalled, and nothing of it is left', async () => {
    await run('plain, install');
    await run('plain, uninstall');
    expect(await findLeft()).toBe('');
  });
});

describe('Pullkeeper with GitOps', () => {
  it('is what the plain YAML holds, by Argo CD and by Flux', async () => {
    const plain = await readFile(join(release.folder, 'manifests/install.yaml'), 'utf8');
    const expected = comparable(plain.replace('image: pullkeeper:', 'image: registry.example.com/pullkeeper:')).filter(
      ({ kind }) => kind !== 'Namespace',
    );
    const argo = parse(await readBlock('argo-cd')) as ArgoApplication;
    expect(argo.spec.source.path).toBe('manifests/chart');
    const { releaseName, valuesObject } = argo.spec.source.helm;
    expect(await render(releaseName, argo.spec.destination.namespace, valuesObject)).toEqual(expected);

    const flux = parseAllDocuments(await readBlock('flux')).map((document) => document.toJS() as FluxRelease)[1];
    expect(flux?.spec.chart.spec.chart).toBe('manifests/chart');
    expect(await render(flux?.spec.releaseName, flux?.spec.targetNamespace, flux?.spec.values)).toEqual(expected);
  });
});

describe('README.md', () => {
  it('installs by the same command', async () => {
    const [command = ''] = /^helm install(?:.*\\\n)*.*$/m.exec(commands.get('helm, install') ?? '') ?? [];
    expect(command).toContain('image.repository=');
    expect((await readBlocks('README.md')).filter(({ text }) => text.includes(`\n${command}\n`))).toHaveLength(1);
  });
});

describe('docs/install.md', () => {
  it('has no commands that nobody tries', async () => {
    expect(await findUntriedCommands(PAGE)).toEqual([]);
    expect([...commands.keys()].filter((name) => !tried.has(name))).toEqual([]);
  });
});

interface ArgoApplication {
  readonly spec: {
    readonly source: { readonly path: string; readonly helm: { releaseName: string; valuesObject: unknown } };
    readonly destination: { readonly namespace: string };
  };
}

interface FluxRelease {
  readonly spec: {
    readonly releaseName: string;
    readonly targetNamespace: string;
    readonly chart: { readonly spec: { readonly chart: string } };
    readonly values: unknown;
  };
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
}

async function render(name = '', namespace = '', values: unknown = {}): Promise<readonly Manifest[]> {
  const helm = await ensureHelm();
  const valueFile = join(release.folder, 'gitops-values.yaml');
  await writeFile(valueFile, stringify(values));
  return comparable(await renderChart({ helm, release: name, namespace, valueFiles: [valueFile] }));
}

/** The objects in an order of their own, without the labels by which Helm says that it manages them. */
function comparable(manifests: string): readonly Manifest[] {
  const objects = parseAllDocuments(manifests).flatMap((document) => (document.toJS() as Manifest | null) ?? []);
  for (const { metadata } of objects) {
    delete metadata.labels?.['helm.sh/chart'];
    delete metadata.labels?.['app.kubernetes.io/managed-by'];
  }
  const key = ({ kind, metadata }: Manifest): string => `${kind}/${metadata.name}`;
  return objects.toSorted((one, other) => key(one).localeCompare(key(other)));
}

/** Every object of the manifests', with what the API server counts of it. */
async function readVersions(): Promise<readonly string[]> {
  // What the controllers make of the Deployment changes by itself, and so does what they say of it.
  const kinds = (await listKinds()).filter((kind) => !/^(?:deployments|replicasets|pods|endpoint)/.test(kind));
  const versions = 'jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.resourceVersion}{"\\n"}{end}';
  const lines = await admin.run(
    'get',
    kinds.join(','),
    '-A',
    '-l',
    'app.kubernetes.io/part-of=pullkeeper',
    '-o',
    versions,
  );
  return [...lines.split('\n'), `Deployment/pullkeeper=${await readDeployment('.metadata.generation')}`];
}

async function listKinds(): Promise<readonly string[]> {
  return (await admin.run('api-resources', '--verbs=list,delete', '-o', 'name')).split('\n');
}

/** What there is of Pullkeeper's own anywhere, managed Secrets and its namespace among it. */
async function findLeft(): Promise<string> {
  const kinds = (await listKinds()).join(',');
  const names = ['-A', '--ignore-not-found', '-o', 'name'];
  const [labelled, managed, namespace] = await Promise.all([
    admin.run('get', kinds, '-l', 'app.kubernetes.io/part-of=pullkeeper', ...names),
    admin.run('get', 'secrets', '-l', 'pullkeeper.dev/managed=true', ...names),
    admin.run('get', 'namespace', 'pullkeeper-system', '--ignore-not-found', '-o', 'name'),
  ]);
  return [labelled, managed, namespace].join('');
}
