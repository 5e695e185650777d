import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { CHART, renderChart } from '../../tools/chart/render.ts';
import { helmProgram } from '../../tools/chart/helm.ts';
import type { Cluster } from '../../tools/cluster/cluster.ts';
import { runInside } from '../../tools/cluster/enclosure.ts';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import type { ManagedProgram } from '../../tools/cluster/managed-program.ts';
import { ensurePrograms } from '../../tools/programs/ensure-programs.ts';
import type { Admin } from './admin.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const ACCEPTED = join(import.meta.dirname, '../fixtures/chart/accepted');

/** Runs helm as the cluster's admin and returns what it printed. */
export type Helm = (...args: readonly string[]) => Promise<string>;

export async function createHelm(cluster: Cluster): Promise<Helm> {
  const { helm } = await ensurePrograms(helmProgram());
  const env = { PATH: process.env['PATH'], HOME: cluster.folder, KUBECONFIG: cluster.kubeconfig };
  return (...args) => runInside(cluster.entrance, helm, args, env);
}

export { CHART };

/** Starts a replica with just the flags that its Deployment gives it, and what this machine needs to run it. */
export async function startReplica(cluster: Cluster, admin: Admin, namespace: string): Promise<ManagedProgram> {
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
    name: `serve-${namespace}`,
    file: process.execPath,
    args: [
      ...[MAIN, ...flags, `--kubeconfig=${await cluster.kubeconfigFor('pullkeeper', namespace)}`],
      ...[`--listen=${new URL(url).host}`, `--ops-listen=127.0.0.1:${opsPort}`],
    ],
    isReady: async () => (await fetch(`http://127.0.0.1:${opsPort}/readyz`)).ok,
  });
  await program.start();
  return program;
}

/** The chart with each of the values that test/chart holds it to, less what only other projects' API groups know. */
export async function renderAcceptedCases(namespace: string): Promise<readonly (readonly [string, string])[]> {
  const { helm } = await ensurePrograms(helmProgram());
  const names = await readdir(ACCEPTED);
  return Promise.all(
    names.map(async (name) => {
      const rendered = await renderChart({ helm, namespace, valueFiles: [join(ACCEPTED, name, 'values.yaml')] });
      const documents = parseAllDocuments(rendered).filter((document) => {
        const { apiVersion } = document.toJS() as { apiVersion: string };
        return !/^(?:cert-manager\.io|monitoring\.coreos\.com)\//.test(apiVersion);
      });
      return [name, documents.map(String).join('')] as const;
    }),
  );
}
