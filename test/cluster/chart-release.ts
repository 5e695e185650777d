import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { CHART, renderChart } from '../../tools/chart/render.ts';
import { ensureHelm } from '../../tools/chart/helm.ts';
import type { Cluster } from '../../tools/cluster/cluster.ts';
import { runInside } from '../../tools/cluster/enclosure.ts';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import type { ManagedProgram } from '../../tools/cluster/managed-program.ts';
import type { Admin } from './admin.ts';

const ACCEPTED = join(import.meta.dirname, '../fixtures/chart/accepted');

export { CHART };

/**
 * Starts a replica with just the flags that its Deployment gives it, and what this machine needs to run it; `mount` says where
 * the Deployment's volume is here.
 */
export async function startReplica(
  cluster: Cluster,
  admin: Admin,
  namespace: string,
  mount: readonly string[] = [],
): Promise<ManagedProgram> {
  const args = [
    'get',
    'deployment',
    'pullkeeper',
    '-n',
    namespace,
    '-o',
    'jsonpath={.spec.template.spec.containers[0].args}',
  ];
  const flags = JSON.parse(await admin.run(...args)) as string[];
  const url = await admin.run(
    'get',
    'mutatingwebhookconfiguration',
    'pullkeeper',
    '-o',
    'jsonpath={.webhooks[0].clientConfig.url}',
  );
  const opsPort = await findFreePort();
  const program = cluster.program({
    name: `serve-${namespace}-${opsPort}`,
    file: process.execPath,
    args: [
      ...[inject('entry'), ...flags, `--kubeconfig=${await cluster.kubeconfigFor('pullkeeper', namespace)}`],
      ...[`--listen=${new URL(url).host}`, `--ops-listen=127.0.0.1:${opsPort}`],
      ...mount,
    ],
    isReady: async () => (await fetch(`http://127.0.0.1:${opsPort}/readyz`)).ok,
  });
  await program.start();
  return program;
}

/**
 * What the chart renders with each of the values that test/chart holds it to, every object that is another one once, less what
 * only other projects' API groups know.
 */
export async function renderAcceptedCases(namespace: string): Promise<string> {
  const helm = await ensureHelm();
  const distinct = new Set<string>();
  for (const name of await readdir(ACCEPTED)) {
    const rendered = await renderChart({ helm, namespace, valueFiles: [join(ACCEPTED, name, 'values.yaml')] });
    for (const document of parseAllDocuments(rendered)) {
      const { apiVersion } = document.toJS() as { apiVersion: string };
      if (!/^(?:cert-manager\.io|monitoring\.coreos\.com)\//.test(apiVersion))
        distinct.add(JSON.stringify(document.toJS()));
    }
  }
  // A stream of JSON; before kubectl 1.33, separators would be errors in it.
  return [...distinct].join('\n');
}

/** The commands that notes tell to run, on lines of their own, with what stands in capitals for the reader's own. */
export function readCommands(notes: string, own: Readonly<Record<string, string>>): readonly string[] {
  const commands = [...notes.replaceAll('\\\n', '').matchAll(/^ {3}(kubectl .*)$/gm)].map(
    ([, command = '']) => command,
  );
  return commands.map((command) =>
    Object.entries(own).reduce(
      (text, [word, value]) => text.replaceAll(new RegExp(`\\b${word}\\b`, 'g'), value),
      command,
    ),
  );
}

/** Runs a command line as a person at a terminal would, as the cluster's admin. Rejects when it fails. */
export function runInShell(cluster: Cluster, command: string): Promise<string> {
  const path = `${dirname(cluster.kubectlFile)}:${process.env['PATH']}`;
  const env = { PATH: path, HOME: cluster.folder, KUBECONFIG: cluster.kubeconfig };
  return runInside(cluster.entrance, 'sh', ['-c', command], env);
}

/** Every object of the chart's, with what the API server counts of it. */
export async function readVersions(admin: Admin): Promise<Readonly<Record<string, string>>> {
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

/** One ReplicaSet for each Pod template that the Deployment has had. */
export async function podGenerations(admin: Admin, namespace: string): Promise<readonly string[]> {
  const names = await admin.run('get', 'replicasets', '-n', namespace, '-o', 'name');
  return names.split('\n').filter(Boolean);
}
