import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ProgramsError } from '../programs/program-set.ts';
import { requestToken } from './api-client.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { startControlPlane } from './control-plane.ts';
import { entrance } from './enclosure.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { createKubectl } from './kubectl.ts';
import { manageProgram } from './managed-program.ts';
import { ensureControlPlane } from './programs.ts';
import { SupervisorLink } from './supervisor-link.ts';

const DAY_SECONDS = 24 * 60 * 60;

/**
 * Starts a control plane of its own on loopback, after building the programs if need be. Whatever becomes of this
 * process, no program and no file of the cluster outlives it. Rejects with a `ProgramsError` when the programs cannot be
 * had, a `ProgramFailure` when one does not start, the signal's reason when interrupted; nothing is left then either.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { env = process.env, progress, signal } = options;
  if (process.platform === 'win32') {
    throw new ProgramsError('A cluster runs on Linux and macOS; on Windows, use the Windows Subsystem for Linux.');
  }
  const programs = await ensureControlPlane({ env, progress, signal });
  const link = await SupervisorLink.start(env, options.enclosure?.launcher);
  const interrupt = (): void => void link.end();
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    signal?.throwIfAborted();
    const { folder } = link;
    await mkdir(join(folder, 'log'));
    const plane = await startControlPlane(link, programs, options);
    signal?.throwIfAborted();
    const { admin, kubeconfig } = plane;
    const enter = options.enclosure === undefined ? [] : entrance(link.pid);
    let kubeconfigs = 0;
    const stop = (): Promise<void> => link.end();
    return {
      ...plane,
      server: admin.server,
      caPem: admin.caPem,
      folder,
      kubectlFile: programs.kubectl,
      kubectl: createKubectl(programs.kubectl, folder, kubeconfig, enter),
      entrance: enter,
      async kubeconfigFor(serviceAccount, namespace, expirationSeconds = DAY_SECONDS) {
        const token = await requestToken(admin, namespace, serviceAccount, expirationSeconds);
        kubeconfigs += 1;
        const file = join(folder, `${namespace}.${serviceAccount}.${kubeconfigs}.kubeconfig`);
        await writeKubeconfig(file, serviceAccount, { ...admin, token });
        return file;
      },
      program: (spec) =>
        manageProgram(link, {
          ...spec,
          logFile: join(folder, 'log', `${spec.name}.log`),
          // Whoever started it stops it, or looks at its log: the cluster goes on without it.
          onFailure: () => undefined,
        }),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await link.end();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}
