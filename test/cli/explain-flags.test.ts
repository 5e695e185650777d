import { describe, expect, it } from 'vitest';
import { readExplainRequest, type ExplainRequest } from '../../src/cli/explain-flags.ts';
import { readConfig } from '../../src/config.ts';

function read(argv: readonly string[], env: Readonly<Record<string, string>> = {}): ExplainRequest {
  const result = readExplainRequest(argv, env);
  if (result.kind !== 'request') throw new Error(JSON.stringify(result));
  return result.request;
}

function problemsOf(argv: readonly string[]): readonly string[] {
  const result = readExplainRequest(argv, {});
  return result.kind === 'invalid' ? result.problems : [];
}

describe('the flags of explain', () => {
  it('take images, objects and files in any order', () => {
    const { targets } = read([
      'nginx',
      '-f',
      'a.yaml',
      'pod/web',
      '-f',
      '-',
      'docker.io/pod/web',
      'deploy/x',
      'pod/Not',
      'quay.io/a/b',
    ]);
    expect(
      targets.map((target) => (target.kind === 'object' ? `${target.object.kind} ${target.name}` : target)),
    ).toEqual([
      { kind: 'image', image: 'nginx' },
      'Pod web',
      { kind: 'image', image: 'docker.io/pod/web' },
      'Deployment x',
      { kind: 'image', image: 'pod/Not' },
      { kind: 'image', image: 'quay.io/a/b' },
      { kind: 'file', path: 'a.yaml' },
      { kind: 'file', path: '-' },
    ]);
  });

  it('default to how serve is configured', () => {
    const served = readConfig(['--tls-cert-file', 'c', '--tls-key-file', 'k'], {});
    if (served.kind !== 'config') throw new Error('serve has no defaults');
    const { install } = read(['nginx']);
    expect(install.ownNamespace).toBe(served.config.namespace);
    expect(install.secretName).toBe(served.config.secretName);
    expect(install.selector).toEqual(served.config.namespaceSelector);
    expect([...install.excluded]).toEqual(['pullkeeper-system', 'kube-system', 'kube-node-lease']);
  });

  it("take serve's environment where it means the same", () => {
    const env = { PULLKEEPER_SECRET_NAME: 'pull', PULLKEEPER_NAMESPACE: 'own', PULLKEEPER_NAMESPACE_SELECTOR: 'a=b' };
    const { install, cluster } = read(['nginx'], env);
    expect([install.secretName, install.selectorText]).toEqual(['pull', 'a=b']);
    // In serve's environment this is Pullkeeper's own namespace; here it would be the Pod's.
    expect([install.ownNamespace, cluster.namespace]).toEqual(['pullkeeper-system', undefined]);
  });

  it.each([
    [[], ['nothing to explain: name an IMAGE, pod/NAME or -f FILE']],
    [['nginx', '-o', 'yaml'], ['--output: "yaml" is neither text nor json']],
    [['sts/db', '--docker-config', 'x'], ['statefulset/db: is in a cluster, which is not asked with --docker-config']],
    [
      ['nginx', '-n', 'a.b', '--pullkeeper-namespace', 'A'],
      [
        '--namespace: "a.b" is not a namespace\'s name (lower-case letters, digits and -, 63 at most)',
        '--pullkeeper-namespace: "A" is not a namespace\'s name (lower-case letters, digits and -, 63 at most)',
      ],
    ],
    [['nginx', '-f'], ['--filename: a value is missing, write --filename FILE']],
  ])('%j: %j', (argv, problems) => expect(problemsOf(argv)).toEqual(problems));

  it('help', () => {
    const result = readExplainRequest(['--help'], {});
    expect(result.kind === 'help' ? result.text : '').toMatch(
      /^pullkeeper explain: .*--docker-config FILE.*Exit status: 0/s,
    );
  });
});
