/** `npm run cluster`: starts a control plane, says how to use it, and keeps it until it is interrupted. */
import { once } from 'node:events';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { formatDuration } from '../programs/progress.ts';
import { ProgramsError } from '../programs/program-set.ts';
import type { Cluster } from './cluster.ts';
import { Interruption, watchForInterruption } from './interruption.ts';
import { kubectlCacheFolder } from './kubectl.ts';
import { ProgramFailure } from './managed-program.ts';
import { startCluster } from './start-cluster.ts';

const HELP = `Usage: npm run cluster [-- OPTIONS]

Starts a Kubernetes control plane (etcd, kube-apiserver, kube-controller-manager) on loopback, prints its KUBECONFIG,
and keeps it until Ctrl-C; then it and its data are gone. Any number can run side by side. No node: Pods stay Pending.

Options:
  --api-server-flag FLAG  a further flag for kube-apiserver, for example --api-server-flag=--v=4; may be repeated
  --help                  show this and exit

Environment:
  KUBEBUILDER_ASSETS      folder of ready programs (etcd, kube-apiserver, kubectl, …): those found there are used
  XDG_CACHE_HOME          the others are built with Go once, and kept below this folder (default: ~/.cache)
  TMPDIR                  a cluster's data lies below this folder (default: /tmp)
`;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === 'string') {
    process.stderr.write(`${options}\nnpm run cluster -- --help says what there is.\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  using interruption = await watchForInterruption(process.env);
  const { signal } = interruption;
  try {
    const startedAt = performance.now();
    await using cluster = await startCluster({ apiServerFlags: options.apiServerFlags, signal });
    const { stdout } = await cluster.kubectl(['version']);
    const version = /^Server Version: (.+)$/m.exec(stdout)?.[1] ?? '';
    process.stdout.write(describe(cluster, version, formatDuration(performance.now() - startedAt)));
    const failure = await Promise.race([cluster.failed, aborted(signal)]);
    if (failure !== undefined) throw failure;
    process.stderr.write('\nstopping the cluster and removing its data\n');
    return 0;
  } catch (error) {
    if (error instanceof Interruption) {
      process.stderr.write(`\n${error.message} while starting; nothing is left behind\n`);
      return error.exitCode;
    }
    if (!(error instanceof ProgramsError || error instanceof ProgramFailure)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

function readOptions(args: string[]): { help: boolean; apiServerFlags: string[] } | string {
  try {
    const { values } = parseArgs({
      args,
      options: { help: { type: 'boolean' }, 'api-server-flag': { type: 'string', multiple: true } },
    });
    return { help: values.help ?? false, apiServerFlags: values['api-server-flag'] ?? [] };
  } catch (error) {
    return (error as Error).message;
  }
}

function describe(cluster: Cluster, version: string, duration: string): string {
  return `Kubernetes ${version} is ready at ${cluster.server} after ${duration}. In another terminal:

  export KUBECONFIG=${cluster.kubeconfig}
  export KUBECACHEDIR=${kubectlCacheFolder(cluster.folder)}
  export PATH=${dirname(cluster.kubectlFile)}:$PATH
  kubectl get namespaces

Logs: ${cluster.folder}/log
Ctrl-C stops the cluster and removes its data.
`;
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort');
}

process.exitCode = await main();
