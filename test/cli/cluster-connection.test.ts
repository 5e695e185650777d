import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterFlags } from '../../src/cli/cluster-flags.ts';
import { loadCallersConfig } from '../../src/cli/cluster-connection.ts';

let folder: string;

const noFlags: ClusterFlags = { kubeconfig: undefined, context: undefined, namespace: undefined };

function kubeconfig(name: string, server: string, extra = ''): string {
  return `apiVersion: v1
kind: Config
current-context: ${name}
clusters: [{name: shared, cluster: {server: '${server}'}}]
users: [{name: me, user: {token: canary}}]
contexts:
  - {name: ${name}, context: {cluster: shared, user: me${extra}}}
  - {name: ${name}-other, context: {cluster: shared, user: me, namespace: other}}
`;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pullkeeper-kubeconfig-'));
  mkdirSync(join(folder, 'home', '.kube'), { recursive: true });
  writeFileSync(join(folder, 'home', '.kube', 'config'), kubeconfig('home', 'https://home:1'));
  writeFileSync(join(folder, 'a'), kubeconfig('a', 'https://a:1', ', namespace: ann'));
  writeFileSync(join(folder, 'b'), kubeconfig('b', 'https://b:1'));
  writeFileSync(join(folder, 'broken'), 'users: [{name: me, user: {token: canary');
});
afterAll(() => rmSync(folder, { recursive: true }));

function load(flags: Partial<ClusterFlags>, env: Readonly<Record<string, string>> = {}): object {
  const home = { HOME: join(folder, 'home') };
  const given = {
    ...noFlags,
    ...flags,
    ...(flags.kubeconfig === undefined ? {} : { kubeconfig: join(folder, flags.kubeconfig) }),
  };
  const result = loadCallersConfig(given, { ...home, ...env });
  if (result.kind === 'none') return { sentence: result.sentence.replace(folder, '{folder}') };
  return { server: result.config.getCurrentCluster()?.server, namespace: result.namespace };
}

const files = (...names: readonly string[]): string => names.map((name) => join(folder, name)).join(delimiter);

describe("the caller's kubeconfig", () => {
  it.each([
    ['~/.kube/config', {}, undefined, { server: 'https://home:1', namespace: 'default' }],
    ['KUBECONFIG', {}, ['b'], { server: 'https://b:1', namespace: 'default' }],
    ["KUBECONFIG's first file counts", {}, ['a', 'b'], { server: 'https://a:1', namespace: 'ann' }],
    [
      'files of KUBECONFIG that are not there do not',
      {},
      ['none', 'b'],
      { server: 'https://b:1', namespace: 'default' },
    ],
    ['--kubeconfig beats KUBECONFIG', { kubeconfig: 'a' }, ['b'], { server: 'https://a:1', namespace: 'ann' }],
    ['--context', { context: 'b-other' }, ['a', 'b'], { server: 'https://a:1', namespace: 'other' }],
    ['--namespace', { namespace: 'tom' }, ['a'], { server: 'https://a:1', namespace: 'tom' }],
    [
      'no such context',
      { context: 'x' },
      ['a'],
      { sentence: 'the kubeconfig has no context "x" with a cluster: name another by --context' },
    ],
    ['no such file', {}, ['none'], { sentence: '{folder}/none cannot be read as a kubeconfig (ENOENT)' }],
    [
      'not YAML, and not quoted',
      { kubeconfig: 'broken' },
      undefined,
      { sentence: '{folder}/broken cannot be read as a kubeconfig' },
    ],
  ])('%s', (_title, flags, names, expected) => {
    expect(load(flags, names === undefined ? {} : { KUBECONFIG: files(...names) })).toEqual(expected);
  });

  it('none at all', () => {
    expect(load({}, { HOME: folder })).toEqual({
      sentence:
        'there is no kubeconfig, and this is no Pod: name one by --kubeconfig or KUBECONFIG, or put it at ~/.kube/config',
    });
  });
});
