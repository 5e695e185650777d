import { describe, expect, it } from 'vitest';
import { NAMESPACE } from '../../tools/installation/installation.ts';
import { usePullkeeper } from './stage.ts';

const { cluster, admin, product } = usePullkeeper();

const CANARY = { username: 'canary-user', password: 'canary-password' };
const CANARY_AUTH = Buffer.from(`${CANARY.username}:${CANARY.password}`).toString('base64');
const GOOD = { ...CANARY, auth: CANARY_AUTH };

interface ApplyOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly dataKey?: string;
  readonly dryRun?: boolean;
}

/** `kubectl apply` of a source, as its author would; content is what stands under "auths", or a whole text. */
function applySource(name: string, content: Readonly<Record<string, unknown>> | string, options: ApplyOptions = {}) {
  const text = typeof content === 'string' ? content : JSON.stringify({ auths: content });
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: NAMESPACE,
      annotations: options.annotations ?? { 'pullkeeper.dev/namespaces': '*' },
    },
    type: options.type ?? 'kubernetes.io/dockerconfigjson',
    data: { [options.dataKey ?? '.dockerconfigjson']: Buffer.from(text).toString('base64') },
  };
  return cluster().kubectl(['apply', ...(options.dryRun === true ? ['--dry-run=server'] : []), '-f', '-'], {
    input: JSON.stringify(secret),
  });
}

function expectNoCredential(text: string): void {
  for (const secret of [CANARY.username, CANARY.password, CANARY_AUTH]) expect(text).not.toContain(secret);
}

describe('kubectl apply of a source', () => {
  it('with every mistake that an entry can have is refused, and each is told at once', async () => {
    const mistakes: Readonly<Record<string, unknown>> = {
      'canary-user:canary-password@a.io': GOOD,
      'b.io?x': GOOD,
      'c.io#x': GOOD,
      'd.io/%41': GOOD,
      'e.io\\x': GOOD,
      'f .io': GOOD,
      'gä.io': GOOD,
      'oci://h.io': GOOD,
      'i.io:port': GOOD,
      'j.io/team/*': GOOD,
      'k.io/Team': GOOD,
      'l.io/app:v1': GOOD,
      mnop: GOOD,
      '[2001:db8::1]': GOOD,
      'q.io/v1': GOOD,
      '*': GOOD,
      '*.io': GOOD,
      'r.io': 'not an object',
      's.io': { auth: 'canary!' },
      't.io': { auth: Buffer.from('canary-password without colon').toString('base64') },
      'u.io': { auth: Buffer.from([0x61, 0x3a, 0xff]).toString('base64') },
      'v.io': {},
      'w.io': { identitytoken: 'canary-password' },
      'x.io': GOOD,
      'https://x.io': { username: 'other', password: 'other' },
    };
    const { code, stderr } = await applySource('mistakes', mistakes);
    expect(code).toBe(1);
    expect(stderr).toContain("denied the request: this Secret cannot be a source of Pullkeeper's");
    for (const part of [
      'b.io?[redacted]',
      'c.io#[redacted]',
      'd.io/%41',
      'e.io',
      'f .io',
      'oci://h.io',
      'i.io:[redacted]',
      'j.io/team/*',
      'k.io/Team',
      'l.io/app:v1',
      'mnop',
      '[2001:db8::1]',
      'q.io/v1',
      '*:',
      '*.io',
      'r.io',
      's.io',
      't.io',
      'u.io',
      'v.io',
      'w.io',
      'x.io',
    ]) {
      expect.soft(stderr).toContain(part);
    }
    expect(stderr.match(/; /g)?.length).toBeGreaterThanOrEqual(Object.keys(mistakes).length - 2);
    expectNoCredential(stderr);
    expect(await admin.run('get', 'secrets', '-n', NAMESPACE, '-o', 'name')).not.toContain('mistakes');
  });

  it.each<[string, string, ApplyOptions, string]>([
    ['an Opaque one', '{"auths":{}}', { type: 'Opaque' }, 'kubernetes.io/dockerconfigjson'],
    ['no registry', '{"auths":{}}', {}, 'no registry'],
    ['a name twice', `{"auths":{"a.io":${JSON.stringify(GOOD)},"a.io":${JSON.stringify(GOOD)}}}`, {}, 'twice'],
    ['another case', `{"Auths":{"a.io":${JSON.stringify(GOOD)}}}`, {}, 'auths'],
    ['the older content', JSON.stringify({ 'a.io': GOOD }), {}, 'kubernetes.io/dockercfg'],
    [
      'the newer content in the older type',
      JSON.stringify({ auths: { 'a.io': GOOD } }),
      { type: 'kubernetes.io/dockercfg', dataKey: '.dockercfg' },
      'kubernetes.io/dockerconfigjson',
    ],
    [
      'a selector that does not parse',
      JSON.stringify({ auths: { 'a.io': GOOD } }),
      { annotations: { 'pullkeeper.dev/namespace-selector': 'a in (' } },
      'pullkeeper.dev/namespace-selector',
    ],
    [
      'an annotation that is not known',
      JSON.stringify({ auths: { 'a.io': GOOD } }),
      { annotations: { 'pullkeeper.dev/namespace': 'tom' } },
      'pullkeeper.dev/namespace',
    ],
  ])('is refused with %s', async (_title, content, options, part) => {
    const { code, stderr } = await applySource('refused', content, options);
    expect(code).toBe(1);
    expect(stderr).toContain(part);
    expectNoCredential(stderr);
  });

  it('that is legal and surprising is taken, with a warning for each surprise', async () => {
    const { code, stderr } = await applySource(
      'surprising',
      {
        'ghcr.io/acme': GOOD,
        'Upper.io': GOOD,
        'hub.docker.com': GOOD,
        'echo.io': { username: 'u', password: 'canary-password\n' },
        'both.io': { ...GOOD, password: 'another' },
      },
      { annotations: { 'pullkeeper.dev/namespaces': 'nowhere' } },
    );
    expect(code).toBe(0);
    for (const key of ['ghcr.io/acme', 'Upper.io', 'hub.docker.com', 'echo.io', 'both.io']) {
      expect.soft(stderr).toContain(`Warning: pullkeeper: ${key}: `);
    }
    expectNoCredential(stderr);
  });

  it('without a scope is taken, and told that it reaches nothing', async () => {
    const { code, stderr } = await applySource('unscoped', { 'a.io': GOOD }, { annotations: {} });
    expect(code).toBe(0);
    expect(stderr).toContain('Warning: pullkeeper: annotations: it reaches no namespace yet');
  });

  it('goes on where it is none of our business: other Secrets of our namespace, and other namespaces', async () => {
    await admin.run('create', 'secret', 'generic', 'plain', '-n', NAMESPACE, '--from-literal=a=b');
    const elsewhere = await cluster().kubectl([
      'create',
      'secret',
      'docker-registry',
      'mine',
      '-n',
      'default',
      '--docker-server=x:y',
      '--docker-username=u',
      '--docker-password=p',
    ]);
    expect(elsewhere).toMatchObject({ code: 0, stderr: '' });
  });

  it('that is refused though its Secret is being deleted would keep it from ending: it is let through', async () => {
    const finalizers = ['example.com/hold'];
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'held', namespace: NAMESPACE, finalizers, annotations: { 'pullkeeper.dev/namespaces': 'x' } },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: { 'a.io': GOOD } })).toString('base64') },
    };
    await admin.apply(JSON.stringify(secret));
    await admin.run('delete', 'secret', 'held', '-n', NAMESPACE, '--wait=false');
    const patch = '{"metadata":{"finalizers":null,"annotations":{"pullkeeper.dev/nonsense":"x"}}}';
    await admin.run('patch', 'secret', 'held', '-n', NAMESPACE, '--type=merge', '-p', patch);
    expect(await admin.run('get', 'secret', 'held', '-n', NAMESPACE, '--ignore-not-found')).toBe('');
  });
});

it('that came in bad all the same serves with its good entries, and its bad ones are told by Event and metric', async () => {
  await admin.run('delete', 'validatingwebhookconfiguration', 'pullkeeper');
  await expect
    .poll(async () => (await applySource('half', { 'good.io': GOOD, 'bad.io:x': GOOD }, { dryRun: true })).code, {
      timeout: 10_000,
    })
    .toBe(0);
  await applySource(
    'half',
    { 'good.io': GOOD, 'bad.io:x': GOOD },
    { annotations: { 'pullkeeper.dev/namespaces': 'half' } },
  );
  await admin.namespace('half', 'enabled');
  await admin.expectCredentials('half', { 'good.io': `${CANARY.username}:${CANARY.password}` });
  await expect.poll(() => product().replica.metric('pullkeeper_source_refusals{source="half"}')).toBe(1);
  const describeEvents = () =>
    admin.run(
      'get',
      'events',
      '-n',
      NAMESPACE,
      '-o',
      'jsonpath={range .items[*]}{.involvedObject.name} {.reason} {.message}{"\\n"}{end}',
    );
  await expect.poll(describeEvents).toContain('half SourceRefused bad.io:[redacted]: its port is not digits');
});
