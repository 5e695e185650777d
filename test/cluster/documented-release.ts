import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { ensureHelm } from '../../tools/chart/helm.ts';
import type { Cluster } from '../../tools/cluster/cluster.ts';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import type { ManagedProgram } from '../../tools/cluster/managed-program.ts';
import { NAMESPACE } from '../../tools/installation/installation.ts';
import { openTerminal, type Terminal } from './documented-commands.ts';

/** Where commands of docs are run that install the chart, and the replicas that its Deployment would run. */
export interface DocumentedRelease {
  readonly terminal: Terminal;
  /** The folder that the terminal is in. */
  readonly folder: string;
  /** Where the API server calls the webhooks. */
  readonly webhookOrigin: string;
  /**
   * A replica with the flags that the Deployment has now, not started yet. The API server calls it unless it is told
   * another port.
   *
   * @param certificateFolder where the Deployment's volume of the certificate is, when it has one
   */
  replica(certificateFolder?: string, port?: number): Promise<DocumentedReplica>;
}

export interface DocumentedReplica {
  readonly program: ManagedProgram;
  readonly webhookOrigin: string;
  /** One sample of `/metrics` by its name and labels as printed; undefined when it is not there. */
  metric(sample: string): Promise<number | undefined>;
}

/**
 * Opens a terminal whose helm gives the chart one value more than the commands do, which a control plane without nodes
 * needs: the webhooks are called by URL, not through a Service.
 */
export async function openRelease(cluster: Cluster, name: string): Promise<DocumentedRelease> {
  const helm = await ensureHelm();
  const folder = join(cluster.folder, name);
  const webhookPort = await findFreePort();
  const webhookOrigin = `https://127.0.0.1:${webhookPort}`;
  await mkdir(folder);
  const wrapper = join(folder, 'helm-by-url');
  const script = [
    '#!/bin/sh',
    'case $1 in',
    `install | upgrade | template) exec '${helm}' "$@" --set webhook.url=${webhookOrigin} ;;`,
    `*) exec '${helm}' "$@" ;;`,
    'esac',
  ];
  await writeFile(wrapper, `${script.join('\n')}\n`, { mode: 0o755 });
  let replicas = 0;

  async function flags(): Promise<readonly string[]> {
    const path = 'jsonpath={.spec.template.spec.containers[0].args}';
    const { stdout, stderr } = await cluster.kubectl(['get', 'deploy', 'pullkeeper', '-n', NAMESPACE, '-o', path]);
    if (stdout === '') throw new Error(`there is no Deployment: ${stderr}`);
    return JSON.parse(stdout) as string[];
  }

  return {
    terminal: await openTerminal(cluster, folder, { helm: wrapper }),
    folder,
    webhookOrigin,
    replica: async (certificateFolder = '', port = webhookPort) => {
      replicas += 1;
      const opsPort = await findFreePort();
      const program = cluster.program({
        name: `${name}-${replicas}`,
        file: process.execPath,
        args: [
          inject('entry'),
          ...(await flags()).map((flag) => flag.replace('=/certificate/', `=${certificateFolder}/`)),
          `--kubeconfig=${await cluster.kubeconfigFor('pullkeeper', NAMESPACE)}`,
          `--listen=127.0.0.1:${port}`,
          `--ops-listen=127.0.0.1:${opsPort}`,
        ],
        isReady: async () => (await fetch(`http://127.0.0.1:${opsPort}/readyz`)).ok,
      });
      return {
        program,
        webhookOrigin: `https://127.0.0.1:${port}`,
        metric: async (sample) => {
          const text = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
          const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
          return line === undefined ? undefined : Number(line.slice(sample.length + 1));
        },
      };
    },
  };
}
