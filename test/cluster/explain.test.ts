import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Explanation, SubjectExplanation } from '../../src/core/explain/explanation.ts';
import { NAMESPACE } from '../../tools/installation/installation.ts';
import { podManifest } from './admin.ts';
import { runMain, type CommandResult } from './run-main.ts';
import { usePullkeeper } from './stage.ts';

const IMAGE = 'harbor.example.com/team/app:v1';

const { cluster, admin } = usePullkeeper();
/** Everything that any command of this file printed. */
let printed = '';

beforeAll(() =>
  admin.source('harbor', {
    server: 'harbor.example.com',
    namespaces: 'tom,strict,foreign,own,dev',
    username: 'canaryuser',
    password: 'canarypass',
  }),
);

interface RunOptions {
  readonly kubeconfig?: string;
  readonly input?: string;
}

/** Runs the command as a person would, as the cluster's admin unless told. */
async function run(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const env = { HOME: cluster().folder, KUBECONFIG: options.kubeconfig ?? cluster().kubeconfig };
  const result = await runMain(['explain', ...args], env, options.input);
  printed += result.stdout + result.stderr;
  return result;
}

async function explainAll(args: readonly string[], options: RunOptions = {}): Promise<Explanation> {
  const { code, stdout, stderr } = await run([...args, '-o', 'json'], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Explanation;
}

async function explainOne(args: readonly string[], options: RunOptions = {}): Promise<SubjectExplanation> {
  const { subjects } = await explainAll(args, options);
  expect(subjects.length).toBe(1);
  const [subject] = subjects;
  if (subject === undefined) throw new Error('nothing was explained');
  return subject;
}

async function podsOf(namespace: string, deployment: string): Promise<readonly string[]> {
  const names = '-o=jsonpath={.items[*].metadata.name}';
  return (await admin.run('get', 'pods', '-n', namespace, '-l', `app=${deployment}`, names)).split(' ');
}

/** Times of objects are whole seconds: what is created from here on is younger than what there is. */
async function untilNextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  await vi.waitFor(() => expect(Math.floor(Date.now() / 1000)).toBeGreaterThan(second), {
    timeout: 3000,
    interval: 20,
  });
}

/** A kubeconfig of a ServiceAccount that may do just this in its namespace. */
async function tenant(namespace: string, name: string, ...rules: readonly string[]): Promise<string> {
  await admin.run('create', 'serviceaccount', name, '-n', namespace);
  if (rules.length > 0) {
    await admin.run(
      'create',
      'role',
      name,
      '-n',
      namespace,
      '--verb=get',
      ...rules.map((rule) => `--resource=${rule}`),
    );
    await admin.run(
      'create',
      'rolebinding',
      name,
      '-n',
      namespace,
      `--role=${name}`,
      `--serviceaccount=${namespace}:${name}`,
    );
  }
  return cluster().kubeconfigFor(name, namespace);
}

describe('as an administrator', () => {
  it("follows a Deployment's Pod from the missing label to the restart that helps", async () => {
    await admin.namespace('tom');
    await admin.run('create', 'deployment', 'web', '-n', 'tom', `--image=${IMAGE}`);
    const old = await vi.waitFor(async () => {
      const [name = ''] = await podsOf('tom', 'web');
      expect(name).not.toBe('');
      return name;
    }, 20_000);
    const before = await explainOne([`pod/${old}`, '-n', 'tom']);
    expect(before.webhook.code).toBe('namespace-not-enabled');
    expect(before.images).toMatchObject([{ image: IMAGE, offered: [{ key: 'harbor.example.com', source: 'harbor' }] }]);
    const restart = 'kubectl rollout restart deployment/web -n tom';
    const enable = 'kubectl label namespace tom pullkeeper.dev/inject=enabled';
    expect(before.steps.map(({ command }) => command)).toEqual([enable, restart]);

    await untilNextSecond();
    await admin.run(...enable.split(' ').slice(1));
    await vi.waitFor(() => admin.run('get', 'secret', 'pullkeeper', '-n', 'tom'), 10_000);
    const after = await explainOne([`pod/${old}`, '-n', 'tom']);
    expect(after.namespace.code).toBe('enabled');
    expect(after.managedSecret.sentence).toBe('holds harbor.example.com');
    expect(after.pullSecrets).toEqual([]);
    expect(after.images[0]).toMatchObject({
      outcome: { code: 'no-pull-secret' },
      inManagedSecret: true,
      afterRestart: { code: 'credential' },
    });
    expect(after.steps).toEqual([
      {
        code: 'restart',
        sentence:
          'the Pod was created before the namespace was enabled (it is older than the managed Secret), and its list of pull Secrets cannot change: let Deployment web make its Pods again',
        command: restart,
      },
    ]);

    await admin.run(...restart.split(' ').slice(1));
    // No node runs them, so the old Pod stays beside the new one.
    const young = await vi.waitFor(async () => {
      const name = (await podsOf('tom', 'web')).find((each) => each !== old) ?? '';
      expect(await admin.pullSecrets('tom', name)).toEqual(['pullkeeper']);
      return name;
    }, 20_000);
    const healed = await explainOne([`pod/${young}`, '-n', 'tom']);
    expect(healed.images[0]?.credentials).toEqual([
      { secret: 'pullkeeper', key: 'harbor.example.com', source: 'harbor', by: 'match' },
    ]);
    expect(healed.steps).toEqual([]);
  });

  it('sees that a bare Pod is older than the source', async () => {
    await admin.namespace('ann', 'enabled');
    await vi.waitFor(() => admin.run('get', 'secret', 'pullkeeper', '-n', 'ann'), 10_000);
    await admin.pod('ann', 'job', 'quay.io/ann/job');
    await untilNextSecond();
    await admin.source('quay', {
      server: 'quay.io',
      namespaces: 'ann',
      username: 'canaryuser',
      password: 'canarypass',
    });
    await admin.expectCredentials('ann', { 'quay.io': 'canaryuser:canarypass' });
    expect((await explainOne(['pod/job', '-n', 'ann'])).steps).toEqual([
      {
        code: 'recreate-pod',
        sentence:
          'the Pod was created before source quay, and its list of pull Secrets cannot change: nothing makes this Pod again, so delete it and create it again from its manifest',
        command: 'kubectl delete pod job -n ann',
      },
    ]);
  });

  it('answers for a manifest what the webhook answers', async () => {
    await admin.namespace('own', 'enabled');
    await admin.namespace('foreign', 'enabled');
    await admin.namespace('strict', 'enabled');
    await admin.namespace('always', 'always');
    await admin.namespace('plain');
    await vi.waitFor(() => admin.run('get', 'secret', 'pullkeeper', '-n', 'foreign'), 10_000);
    await admin.run('label', 'secret', 'pullkeeper', '-n', 'foreign', 'pullkeeper.dev/managed-');
    await admin.run(
      'annotate',
      'serviceaccount',
      'default',
      '-n',
      'strict',
      'kubernetes.io/enforce-mountable-secrets=true',
    );
    const containers = (image: string): string => `containers: [{name: c, image: '${image}'}]`;
    const annotation = 'annotations: {pullkeeper.dev/inject: disabled}';
    const cases = [
      ['own', 'name: matched', containers(IMAGE), 'inject'],
      ['own', 'name: public', containers('nginx'), 'skip'],
      ['own', 'name: invalid', containers('https://harbor.example.com/team/app'), 'skip'],
      ['own', `name: optout, ${annotation}`, containers(IMAGE), 'skip'],
      ['own', 'name: other', containers('harbor.example.com:8443/team/app'), 'skip'],
      ['own', 'name: listed', `imagePullSecrets: [{name: mine}], ${containers(IMAGE)}`, 'inject'],
      ['always', 'name: anything', containers('nginx'), 'inject'],
      ['foreign', 'name: foreign', containers(IMAGE), 'skip'],
      ['strict', 'name: strict', containers(IMAGE), 'skip'],
      ['plain', 'name: plain', containers(IMAGE), 'skip'],
    ] as const;
    const manifests = cases.map(([namespace, metadata, spec]) => podManifest(namespace, metadata, spec)).join('---\n');
    const { subjects } = await explainAll(['-f', '-'], { input: manifests });
    expect(subjects.map(({ webhook }) => webhook.action)).toEqual(cases.map(([, , , action]) => action));

    // The strict account reaches Pullkeeper by a watch.
    await vi.waitFor(async () => {
      const names = '-o=jsonpath={.spec.imagePullSecrets[*].name}{"\\n"}';
      const created = await cluster().kubectl(['create', '--dry-run=server', names, '-f', '-'], { input: manifests });
      expect(created.code).toBe(0);
      const lists = created.stdout
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => line.split(' ').filter((name) => name !== ''));
      expect(lists.map((names) => (names.includes('pullkeeper') ? 'inject' : 'skip'))).toEqual(
        subjects.map(({ webhook }) => webhook.action),
      );
      expect(subjects.map(({ pullSecrets }) => pullSecrets.map(({ name }) => name))).toEqual(lists);
    }, 20_000);
  });
});

describe('as a tenant', () => {
  beforeAll(async () => {
    await admin.namespace('dev', 'enabled');
    await vi.waitFor(() => admin.run('get', 'secret', 'pullkeeper', '-n', 'dev'), 10_000);
    await admin.pod('dev', 'web', IMAGE);
    await admin.apply(
      podManifest('dev', 'name: port', "containers: [{name: c, image: 'harbor.example.com:8443/a/b'}]"),
    );
  });

  it('works from the managed Secret, and says what could not be read and who can', async () => {
    const kubeconfig = await tenant('dev', 'reader', 'pods', 'secrets');
    const { subjects, unread } = await explainAll(['pod/web', 'pod/port', '-n', 'dev'], { kubeconfig });
    expect(subjects.map(({ images }) => images.map(({ outcome }) => outcome.code))).toEqual([
      ['credential'],
      ['no-pull-secret'],
    ]);
    expect(subjects[0]?.images[0]?.credentials).toEqual([
      { secret: 'pullkeeper', key: 'harbor.example.com', source: 'harbor', by: 'match' },
    ]);
    expect(subjects[1]?.images[0]?.nearMisses).toMatchObject([
      { key: 'harbor.example.com', source: 'harbor', reasons: [{ code: 'other-port' }] },
    ]);
    expect(unread).toEqual([
      {
        what: 'namespace dev',
        code: 'forbidden',
        sentence: 'could not read namespace dev, for want of rights; who may get namespaces can',
      },
      {
        what: `the sources in namespace ${NAMESPACE}`,
        code: 'forbidden',
        sentence: `could not read the sources in namespace ${NAMESPACE}, for want of rights; an administrator of Pullkeeper (who may list Secrets there) can`,
      },
      {
        what: 'ServiceAccount dev/default',
        code: 'forbidden',
        sentence:
          'could not read ServiceAccount dev/default, for want of rights; who may get ServiceAccounts in namespace dev can',
      },
    ]);
  });

  it('says something without the right to read Secrets', async () => {
    const kubeconfig = await tenant('dev', 'viewer', 'pods');
    const { code, stdout, stderr } = await run(['pod/web', '-n', 'dev'], { kubeconfig });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Webhook         skip (already-listed)');
    expect(stdout).toContain(
      'could not read Secret dev/pullkeeper, for want of rights; who may get Secrets in namespace dev',
    );
  });

  it('cannot explain a Pod that it may not read', async () => {
    const kubeconfig = await tenant('dev', 'nobody');
    expect(await run(['pod/web', '-n', 'dev'], { kubeconfig })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'pullkeeper explain: pod/web: could not read Pod dev/web, for want of rights; who may get Pods in namespace dev can\n',
    });
  });
});

describe('without an answer', () => {
  it('says how the image is read, and ends with 1', async () => {
    const kubeconfig = join(cluster().folder, 'nowhere.kubeconfig');
    await writeFile(
      kubeconfig,
      `{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}], users: [{name: u, user: {token: canarytoken}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`,
    );
    const { code, stdout, stderr } = await run(['acme/app'], { kubeconfig });
    expect(code).toBe(1);
    expect(stdout).toContain('acme/app at registry docker.io');
    expect(stderr).toMatch(/^pullkeeper explain: the API server gave no answer: .*ECONNREFUSED/);
  });
});

it('has printed no credential and no user name', () => {
  expect(printed.length).toBeGreaterThan(10_000);
  for (const word of ['canary', 'Y2FuYXJ5', 'NhbmFye', 'jYW5hcn']) expect(printed).not.toContain(word);
});
