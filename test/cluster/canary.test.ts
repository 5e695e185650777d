import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectToCluster } from '../../src/cli/cluster-connection.ts';
import { explain } from '../../src/cli/explain.ts';
import { inject } from '../../src/cli/inject.ts';
import { NAMESPACE } from '../../tools/installation/installation.ts';
import { podManifest } from './admin.ts';
import { createCanary } from './canary.ts';
import { startServe } from './serve-process.ts';
import { useCluster, useInstallation } from './stage.ts';

// A credential is in every source here and goes every way that a credential can go wrong; then it is looked for in
// everything that the programs wrote.
const canary = createCanary('canary');
const GOOD = { username: canary.username, password: canary.password, auth: canary.auth };
const IMAGE = 'harbor.example.com/team/app:v1';
const PLAIN = `${canary.username}:${canary.password}`;

/** The audit log, on the API server's standard output, has our annotations, and of requests the metadata alone. */
const AUDIT = [`--audit-policy-file=${join(import.meta.dirname, 'audit-policy.yaml')}`, '--audit-log-path=-'];

const { cluster, admin } = useCluster({ apiServerFlags: AUDIT });
const product = useInstallation(cluster, { flags: ['--log-level=trace', '--removal-grace=1s'] });
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pullkeeper-canary-'));
  await applySource('harbor', { 'harbor.example.com': GOOD });
  await admin.namespace('tom', 'enabled');
  await admin.expectCredentials('tom', { 'harbor.example.com': PLAIN });
});
afterAll(() => rm(folder, { recursive: true }));

/** Applies a source and returns what kubectl printed, refusals and warnings included. */
async function applySource(
  name: string,
  auths: Readonly<Record<string, unknown>> | string,
  namespaces = '*',
): Promise<string> {
  const text = typeof auths === 'string' ? auths : JSON.stringify({ auths });
  const manifest = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: NAMESPACE, annotations: { 'pullkeeper.dev/namespaces': namespaces } },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(text).toString('base64') },
  };
  // Without the annotation of kubectl apply, which repeats the whole Secret.
  const { stdout, stderr } = await cluster().kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
    input: JSON.stringify(manifest),
  });
  return `${stdout}${stderr}`;
}

/** Each holds the credential where it should not be, or in a shape that is refused. */
const MISTAKES: Readonly<Record<string, unknown>> = {
  [`${canary.username}:${canary.password}@a.io`]: GOOD,
  [`https://${encodeURIComponent(canary.username)}:${encodeURIComponent(canary.password)}@b.io`]: GOOD,
  [`c.io?${canary.password}`]: GOOD,
  'd.io:port': GOOD,
  'e.io': { auth: `${canary.auth}!` },
  'f.io': { auth: Buffer.from(canary.password).toString('base64') },
  'g.io': { identitytoken: canary.password },
  'h.io': canary.password,
  'i.io': [canary.auth],
  'j.io': { username: canary.username, password: 7 },
  'k.io': GOOD,
  'https://k.io': { ...GOOD, password: 'another', auth: undefined },
  'l.io': { ...GOOD, password: `${canary.password}\n`, auth: undefined },
};

function expectNone(texts: Readonly<Record<string, string>>): void {
  for (const [from, text] of Object.entries(texts)) {
    expect
      .soft({ from, isEmpty: text === '', found: canary.findIn(text) })
      .toEqual({ from, isEmpty: false, found: [] });
  }
}

describe('a credential is in nothing that is written', () => {
  it('to who applies a source, whatever is wrong with it', async () => {
    const whole = JSON.stringify({ auths: { 'a.io': GOOD } });
    const texts = [
      whole.slice(0, -2),
      `${whole}${canary.password}`,
      `{"auths":${JSON.stringify(canary.auth)}}`,
      JSON.stringify({ 'a.io': GOOD }),
      `${whole.slice(0, -2)},"a.io":${JSON.stringify(GOOD)}}}`,
    ];
    const said: Record<string, string> = { mistakes: await applySource('bad', MISTAKES) };
    for (const [index, text] of texts.entries()) said[`text ${index}`] = await applySource(`bad-${index}`, text);
    expectNone(said);
    expect(said['mistakes']).toContain('denied the request');
  });

  it('to who creates Pods, by kubectl or by a review of one’s own', async () => {
    await admin.namespace('taken');
    await admin.run('create', 'secret', 'generic', 'pullkeeper', '-n', 'taken', `--from-literal=x=${PLAIN}`);
    await admin.run('label', 'namespace', 'taken', 'pullkeeper.dev/inject=enabled');
    const env = JSON.stringify([{ name: 'PASSWORD', value: canary.password }]);
    const spec = `containers: [{name: c, image: "${IMAGE}", env: ${env}}]`;
    const said: Record<string, string> = {};
    for (const namespace of ['tom', 'taken'])
      said[namespace] = await admin.apply(podManifest(namespace, 'name: p', spec));
    said['no Pod'] = await post({ request: { uid: canary.auth, kind: { kind: canary.password } } });
    said['no JSON'] = await post(`{"auth":"${canary.auth}`);
    const object = {
      metadata: { name: 'p' },
      spec: { containers: [{ image: `${PLAIN}@harbor.example.com/app` }, { image: IMAGE, env: [{ value: PLAIN }] }] },
    };
    said['a Pod'] = await post({
      request: {
        uid: 'u',
        kind: { group: '', version: 'v1', kind: 'Pod' },
        operation: 'CREATE',
        namespace: 'tom',
        object,
      },
    });
    expect(said['a Pod']).toContain('"patch"');
    expectNone(said);
  });

  it('by explain and inject, from a cluster, from files, and about files that are none', async () => {
    const good = join(folder, 'config.json');
    const bad = join(folder, 'bad.json');
    const broken = join(folder, 'broken.json');
    const pod = join(folder, 'pod.yaml');
    await writeFile(good, JSON.stringify({ auths: { 'harbor.example.com': GOOD } }));
    await writeFile(bad, JSON.stringify({ auths: MISTAKES }));
    await writeFile(broken, `{"auths":{"harbor.example.com":${JSON.stringify(GOOD)}`);
    await writeFile(pod, podManifest('tom', 'name: p', `containers: [{name: c, image: "${IMAGE}"}]`));
    const ask = [`--kubeconfig=${cluster().kubeconfig}`, '-n', 'tom'];
    const commands: Readonly<Record<string, readonly string[]>> = {
      explain: ['explain', IMAGE, 'k.io/x', ...ask],
      'explain -o json': ['explain', 'pod/p', '-o', 'json', ...ask],
      'explain from files': ['explain', IMAGE, 'e.io/x', `--docker-config=${good}`, `--docker-config=${bad}`],
      'explain from a broken file': ['explain', IMAGE, `--docker-config=${broken}`],
      inject: ['inject', '-f', pod, `--docker-config=${good}`, `--docker-config=${bad}`],
      'inject from a broken file': ['inject', '-f', pod, `--docker-config=${broken}`],
    };
    const said: Record<string, string> = {};
    for (const [name, args] of Object.entries(commands)) said[name] = await run(args);
    expectNone(said);
  });

  it('to log, metrics, Events, annotations and the audit log, after all that can go wrong with a managed Secret', async () => {
    await admin.namespace('full');
    await admin.apply(
      'apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: none, namespace: full}\nspec: {hard: {secrets: "0"}}\n',
    );
    await admin.run('label', 'namespace', 'full', 'pullkeeper.dev/inject=always');
    await admin.apply(podManifest('full', 'name: p', 'containers: [{name: c, image: nginx}]'));
    const edited = JSON.stringify({ stringData: { '.dockerconfigjson': JSON.stringify({ auths: { 'x.io': GOOD } }) } });
    await admin.run('patch', 'secret', 'pullkeeper', '-n', 'tom', '-p', edited);
    await admin.expectCredentials('tom', { 'harbor.example.com': PLAIN });
    await admin.run('delete', 'secret', 'pullkeeper', '-n', 'tom');
    await admin.expectCredentials('tom', { 'harbor.example.com': PLAIN });
    // Two sources for one registry; and one that gets past its webhook.
    await applySource('rival', { 'harbor.example.com': { username: 'rival', password: canary.password } }, 'tom');
    await admin.run('delete', 'validatingwebhookconfiguration', 'pullkeeper');
    await expect.poll(() => applySource('bad', MISTAKES, 'tom'), { timeout: 10_000 }).toContain('serverside-applied');
    const reasons = () => admin.run('get', 'events', '-A', '-o', 'jsonpath={.items[*].reason}');
    for (const reason of [
      'SourceRefused',
      'RegistryConflict',
      'PullSecretConflict',
      'PullSecretEdited',
      'PullSecretDeleted',
    ]) {
      await expect.poll(reasons, { timeout: 10_000 }).toContain(reason);
    }
    await expect.poll(() => readFile(product().replica.program.logFile, 'utf8')).toContain('exceeded quota');

    const audit = await readFile(cluster().apiServer.logFile, 'utf8');
    expect(audit).toContain('"pods.pullkeeper.dev/decision":"image-matched"');
    expectNone({
      log: await readFile(product().replica.program.logFile, 'utf8'),
      metrics: await (await fetch(`${product().replica.opsOrigin}/metrics`)).text(),
      Events: await admin.run('get', 'events', '-A', '-o', 'yaml'),
      annotations: await admin.run(
        'get',
        'secrets',
        '-A',
        '--field-selector=metadata.name=pullkeeper',
        '-o',
        'jsonpath={.items[*].metadata.annotations}',
      ),
      Pods: await admin.run(
        'get',
        'pods',
        '-A',
        '-o',
        'jsonpath={.items[*].spec.imagePullSecrets}{.items[*].metadata.annotations}',
      ),
      audit,
    });
  });
});

it('a search that finds the credential where it is, in each of its forms', async () => {
  const secret = await admin.run('get', 'secret', 'pullkeeper', '-n', 'tom', '-o', 'yaml');
  expect(canary.findIn(secret).some((title) => title.includes('base64'))).toBe(true);
  const { password } = canary;
  for (const text of [
    password,
    JSON.stringify(password),
    JSON.stringify(JSON.stringify(password)),
    encodeURIComponent(password),
  ]) {
    expect(canary.findIn(text)).not.toEqual([]);
    for (const before of ['', 'x', 'xx']) expect(canary.findIn(btoa(before + text))).not.toEqual([]);
  }
});

describe('a process that crashes', () => {
  const CRASHES = [
    `process.on('SIGUSR2', () => { throw new Error('thrown inside') })`,
    `process.on('SIGHUP', () => { void Promise.reject(new Error('rejected inside')) })`,
  ];
  const preload = `--import=data:text/javascript,${encodeURIComponent(CRASHES.join(';'))}`;

  it('says why and nothing else; and it opened no inspector by signal, as it is deployed', async () => {
    await using serve = await startServe(product(), [preload, '--disable-sigusr1']);
    serve.kill('SIGUSR1');
    // It has had the time to open one, and serves on.
    for (let turn = 0; turn < 20; turn++) expect(await serve.isReady()).toBe(true);
    serve.kill('SIGUSR2');
    const { code, output } = await serve.ended;
    expect(code).toBe(1);
    expect(output).toContain('thrown inside');
    expect(output).not.toContain('Debugger listening');
    expectNone({ output });
  });

  it('by a rejection that nobody handles, does as well; an inspector would open without that flag', async () => {
    await using serve = await startServe(product(), [preload, '--inspect-port=127.0.0.1:0']);
    serve.kill('SIGUSR1');
    await expect.poll(() => serve.output(), { timeout: 10_000 }).toContain('Debugger listening');
    serve.kill('SIGHUP');
    const { code, output } = await serve.ended;
    expect(code).toBe(1);
    expect(output).toContain('rejected inside');
    expectNone({ output });
  });
});

/** What a command prints, on both outputs. */
async function run([command, ...argv]: readonly string[]): Promise<string> {
  let printed = '';
  const add = (text: string): void => void (printed += text);
  const options = { argv, env: {}, terminal: { print: add, complain: add }, stdin: process.stdin };
  if (command === 'inject') await inject(options);
  else await explain({ ...options, connect: (flags) => connectToCluster(flags, {}, 'explain') });
  return printed;
}

async function post(review: Readonly<Record<string, unknown>> | string): Promise<string> {
  await using agent = Object.assign(new Agent({ connect: { ca: product().caPem }, allowH2: false }), {
    [Symbol.asyncDispose]: (): Promise<void> => agent.close(),
  });
  const { body } = await request(`${product().replica.webhookOrigin}/mutate`, {
    method: 'POST',
    dispatcher: agent,
    headers: { 'content-type': 'application/json' },
    body:
      typeof review === 'string'
        ? review
        : JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', ...review }),
  });
  return body.text();
}
