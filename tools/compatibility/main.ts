/** `npm run compatibility`: the tests that need an API server, against another version of Kubernetes. */
import { parseArgs } from 'node:util';
import { callApi } from '../cluster/api-client.ts';
import { Interruption, watchForInterruption } from '../cluster/interruption.ts';
import { listKubernetesVersions, selectKubernetes, VERSION_VARIABLE } from '../cluster/kubernetes-version.ts';
import { startCluster } from '../cluster/start-cluster.ts';
import { ProgramsError } from '../programs/program-set.ts';
import { terminalProgress } from '../programs/progress.ts';
import { pinKubernetes } from './pin.ts';
import { runTests } from './run-tests.ts';

const HELP = `Usage: npm run compatibility -- VERSION [OPTIONS] [-- FILTER…]
       npm run compatibility -- --pin 1.30.14

Builds etcd, kube-apiserver, kube-controller-manager and kubectl of another version of Kubernetes (once; minutes), runs
the tests that need an API server against them, and ends with how many passed. FILTER goes to the test runner.

  --project NAME  of the test runner: cluster, faults, node or unit; may be repeated [default: cluster]
  --pin X.Y.Z     instead: write the Go module that builds this version, in the place of another patch of X.Y
  --list          instead: print the versions there are
  --help          show this and exit
`;

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.list === true) {
    for (const { minor, version } of await listKubernetesVersions()) process.stdout.write(`${minor}  ${version}\n`);
    return 0;
  }
  if (values.pin !== undefined) {
    const progress = terminalProgress(process.stderr);
    const folder = await pinKubernetes(values.pin, process.env, (line) => progress.show(line));
    progress.say(`wrote ${folder}`);
    return 0;
  }
  const [minor, ...filters] = positionals;
  if (minor === undefined) throw new ProgramsError(`Name a version.\n\n${HELP}`);
  // Ready programs of any version would take the place of those that are asked for.
  const env = { ...process.env, KUBEBUILDER_ASSETS: undefined, [VERSION_VARIABLE]: minor };
  process.stdout.write(`${await seeVersions(env)}\n`);
  return runTests(values.project ?? ['cluster'], filters, env);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        project: { type: 'string', multiple: true },
        pin: { type: 'string' },
        list: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new ProgramsError(`${(error as Error).message}\n\n${HELP}`, { cause: error });
  }
}

/** Starts a cluster of the selected version and asks it: what is tested is what answers, not what a file says. */
async function seeVersions(env: NodeJS.ProcessEnv): Promise<string> {
  const { version } = await selectKubernetes(env);
  using interruption = await watchForInterruption(env);
  await using cluster = await startCluster({ env, signal: interruption.signal });
  const server = JSON.parse((await callApi(cluster.admin, '/version')).body) as {
    gitVersion: string;
    goVersion: string;
  };
  const client = /^Client Version: (\S+)$/m.exec((await cluster.kubectl(['version'])).stdout)?.[1];
  if (server.gitVersion !== version || client !== version) {
    throw new ProgramsError(
      `asked for ${version}; kube-apiserver is ${server.gitVersion}, kubectl ${client ?? 'unknown'}`,
    );
  }
  return `kube-apiserver and kubectl ${version}, built with ${server.goVersion}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof ProgramsError || error instanceof Interruption)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof Interruption ? error.exitCode : 1;
}
