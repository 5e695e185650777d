/** `npm run cluster`: starts a cluster, says how to use it, and keeps it until it is interrupted. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { formatDuration } from '../programs/progress.ts';
import { ProgramsError } from '../programs/program-set.ts';
import { Interruption, watchForInterruption } from './interruption.ts';
import { keepControlPlane, type KeptCluster } from './kept-cluster.ts';
import { ProgramFailure } from './managed-program.ts';
import { keepNode } from './kept-node.ts';

const HELP = `Usage: npm run cluster [-- OPTIONS]

Starts a Kubernetes control plane (etcd, kube-apiserver, kube-controller-manager) on loopback, prints its KUBECONFIG,
and keeps it until Ctrl-C; then it and its data are gone. Any number can run side by side. No node: Pods stay Pending.

With --node, a node as well (kubelet, containerd, kube-proxy), Pullkeeper installed on it from its own image, and two
private registries: Pods run, and pull. As root on Linux; in namespaces of its own, so nothing of the machine is touched.

Options:
  --node                  a node as well, with Pullkeeper installed
  --bare                  with --node: Pullkeeper's image is on the node, and the installing is left to you
  --api-server-flag FLAG  a further flag for kube-apiserver, for example --api-server-flag=--v=4; may be repeated
  --help                  show this and exit

Environment:
  KUBEBUILDER_ASSETS      folder of ready programs (etcd, kube-apiserver, kubectl, …): those found there are used
  XDG_CACHE_HOME          the others are built with Go once, and kept below this folder (default: ~/.cache)
  TMPDIR                  a cluster's data lies below this folder (default: /tmp)
`;

interface Options {
  readonly help: boolean;
  readonly node: boolean;
  readonly bare: boolean;
  readonly apiServerFlags: readonly string[];
}

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
    await using kept = await (options.node
      ? keepNode({ ...options, signal })
      : keepControlPlane({ ...options, signal }));
    process.stdout.write(await describe(kept, formatDuration(performance.now() - startedAt)));
    const failure = await Promise.race([kept.cluster.failed, aborted(signal)]);
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

function readOptions(args: string[]): Options | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: 'boolean' },
        node: { type: 'boolean' },
        bare: { type: 'boolean' },
        'api-server-flag': { type: 'string', multiple: true },
      },
    });
    const { help = false, node = false, bare = false, 'api-server-flag': apiServerFlags = [] } = values;
    if (bare && !node) return '--bare says something about --node, which is missing';
    return { help, node, bare, apiServerFlags };
  } catch (error) {
    return (error as Error).message;
  }
}

async function describe({ cluster, server, instructions }: KeptCluster, duration: string): Promise<string> {
  const { stdout } = await cluster.kubectl(['version']);
  const version = /^Server Version: (.+)$/m.exec(stdout)?.[1] ?? '';
  return `Kubernetes ${version} is ready at ${server} after ${duration}. In another terminal:

${instructions}
Logs: ${cluster.folder}/log
Ctrl-C stops the cluster and removes its data.
`;
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort');
}

process.exitCode = await main();
