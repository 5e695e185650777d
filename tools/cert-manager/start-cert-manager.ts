import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Cluster } from '../cluster/cluster.ts';
import type { ManagedProgram } from '../cluster/managed-program.ts';
import { goEnvironment } from '../programs/go-toolchain.ts';
import { ensurePrograms } from '../programs/ensure-programs.ts';
import { ProgramsError } from '../programs/program-set.ts';
import { runGo } from '../programs/run-go.ts';
import { certManagerPrograms } from './programs.ts';

/** A running cert-manager: its controllers as programs beside the control plane, its CRDs and its rights in it. */
export interface CertManager {
  readonly controller: ManagedProgram;
  readonly cainjector: ManagedProgram;
}

const NAMESPACE = 'cert-manager';
const MODULE = 'github.com/cert-manager/cert-manager';

/** What its controllers may do, and as whom: of its own chart. Its webhook needs a Service to be reached by, and is left out. */
const RIGHTS = ['serviceaccount', 'rbac', 'cainjector-serviceaccount', 'cainjector-rbac'];

/**
 * Installs cert-manager in a cluster from its own CRDs and chart, and starts it with the rights that the chart gives it.
 *
 * @param helm path of the helm to render its chart with
 */
export async function startCertManager(cluster: Cluster, helm: string): Promise<CertManager> {
  const programs = await ensurePrograms(certManagerPrograms());
  const sources = await findSources();
  await kubectl(cluster, ['create', 'namespace', NAMESPACE]);
  // Server-side: an Issuer's schema is too long for the annotation that a client-side apply writes.
  await kubectl(cluster, ['apply', '--server-side', ...CRDS.map((name) => `--filename=${join(sources, name)}`)]);
  await kubectl(
    cluster,
    ['apply', '--filename=-'],
    await renderRights(helm, join(sources, 'deploy/charts/cert-manager')),
  );

  async function start(name: keyof typeof programs, account: string): Promise<ManagedProgram> {
    const args = [await cluster.kubeconfigFor(account, NAMESPACE)];
    // Neither answers anything: that they run is seen by what they do.
    const program = cluster.program({ name, file: programs[name], args, isReady: async () => true });
    await program.start();
    return program;
  }
  const [controller, cainjector] = await Promise.all([
    start('cert-manager-controller', 'cert-manager'),
    start('cert-manager-cainjector', 'cert-manager-cainjector'),
  ]);
  return { controller, cainjector };
}

const CRDS = ['certificaterequests', 'certificates', 'clusterissuers', 'issuers'].map(
  (resource) => `deploy/crds/cert-manager.io_${resource}.yaml`,
);

/** The folder of cert-manager's module, at the version that the programs are built from. */
async function findSources(): Promise<string> {
  const { code, stdout, stderr } = await runGo({
    args: ['mod', 'download', '-json', MODULE],
    cwd: certManagerPrograms().moduleDir,
    env: goEnvironment(process.env),
  });
  if (code !== 0) throw new ProgramsError(`cert-manager's CRDs and chart could not be had: ${stderr}`);
  return (JSON.parse(stdout) as { readonly Dir: string }).Dir;
}

async function renderRights(helm: string, chart: string): Promise<string> {
  const templates = RIGHTS.map((name) => `--show-only=templates/${name}.yaml`);
  const { stdout } = await promisify(execFile)(helm, [
    ...['template', 'cert-manager', chart, `--namespace=${NAMESPACE}`],
    ...templates,
  ]);
  return stdout;
}

async function kubectl(cluster: Cluster, args: readonly string[], input?: string): Promise<void> {
  const { code, stderr } = await cluster.kubectl(args, input === undefined ? {} : { input });
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
}
