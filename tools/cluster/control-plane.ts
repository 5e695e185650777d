import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { callApi } from './api-client.ts';
import { apiServerArgs, controllerManagerArgs, etcdArgs, etcdSocket } from './command-lines.ts';
import type { ClusterOptions } from './cluster.ts';
import { writeKubeconfig, type Access } from './kubeconfig.ts';
import { findFreePort } from './loopback-port.ts';
import { manageProgram, ProgramFailure, type ManagedProgram, type ManagedProgramOptions } from './managed-program.ts';
import { openGateway } from './enclosure.ts';
import { createPki, type NodeComponent, type Pki } from './pki.ts';
import type { ControlPlaneProgram } from './programs.ts';
import type { SupervisorLink } from './supervisor-link.ts';

export interface ControlPlane {
  readonly admin: Access;
  readonly kubeconfig: string;
  readonly components: Readonly<Record<NodeComponent, Access>>;
  readonly etcd: ManagedProgram;
  readonly apiServer: ManagedProgram;
  readonly controllerManager: ManagedProgram;
  readonly failed: Promise<ProgramFailure>;
}

/** Two clusters that pick the same port at the same moment is rare already; five times in a row means something else. */
const PORT_ATTEMPTS = 5;

/** Starts the three programs in the link's folder and resolves when Pods can be created. */
export async function startControlPlane(
  link: SupervisorLink,
  programs: Readonly<Record<ControlPlaneProgram, string>>,
  options: ClusterOptions,
): Promise<ControlPlane> {
  const { folder } = link;
  const failed = Promise.withResolvers<ProgramFailure>();
  function manage(
    name: ControlPlaneProgram,
    args: readonly string[],
    isReady: ManagedProgramOptions['isReady'],
  ): ManagedProgram {
    const logFile = join(folder, 'log', `${name}.log`);
    return manageProgram(link, { name, file: programs[name], args, logFile, isReady, onFailure: failed.resolve });
  }

  const etcd = manage('etcd', etcdArgs(folder), () => isEtcdReady(etcdSocket(folder)));
  const [pki] = await Promise.all([createPki(join(folder, 'pki')), etcd.start()]);

  const { enclosure } = options;
  const place: ApiServerPlace =
    enclosure === undefined
      ? { choosePort: options.choosePort ?? findFreePort }
      : { choosePort: async () => enclosure.apiServerPort, socketPath: await openGateway(link, enclosure) };
  const { apiServer, admin } = await startApiServer(pki, place, (access, port) =>
    manage(
      'kube-apiserver',
      [...apiServerArgs(folder, pki, port), ...(options.apiServerFlags ?? [])],
      async () => (await callApi(access, '/readyz')).status === 200,
    ),
  );

  const kubeconfig = join(folder, 'admin.kubeconfig');
  await writeKubeconfig(kubeconfig, 'admin', admin);
  const ownKubeconfig = join(folder, 'controller-manager.kubeconfig');
  await writeKubeconfig(ownKubeconfig, 'controller-manager', { ...admin, token: pki.controllerManagerToken });
  const controllerManager = manage(
    'kube-controller-manager',
    [...controllerManagerArgs(ownKubeconfig, pki), ...(options.controllerManagerFlags ?? [])],
    async () => (await callApi(admin, '/api/v1/namespaces/default/serviceaccounts/default')).status === 200,
  );
  await controllerManager.start();
  const logIn = (component: NodeComponent): Access => ({ ...admin, token: pki.componentTokens[component] });
  const components = {
    'kube-scheduler': logIn('kube-scheduler'),
    'kube-proxy': logIn('kube-proxy'),
    'node-1': logIn('node-1'),
    'node-2': logIn('node-2'),
  };
  return { admin, kubeconfig, components, etcd, apiServer, controllerManager, failed: failed.promise };
}

interface ApiServerPlace {
  readonly choosePort: () => Promise<number>;
  /** Where this process reaches it, if not at its port. */
  readonly socketPath?: string;
}

async function startApiServer(
  pki: Pki,
  { choosePort, ...reached }: ApiServerPlace,
  manageApiServer: (access: Access, port: number) => ManagedProgram,
): Promise<{ apiServer: ManagedProgram; admin: Access }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await choosePort();
    const admin = { server: `https://127.0.0.1:${port}`, caPem: pki.caPem, token: pki.adminToken, ...reached };
    const apiServer = manageApiServer(admin, port);
    try {
      await apiServer.start();
      return { apiServer, admin };
    } catch (error) {
      const taken = error instanceof ProgramFailure && error.logTail.includes('address already in use');
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function isEtcdReady(socketPath: string): Promise<boolean> {
  const call = get({ socketPath, path: '/health', agent: false, signal: AbortSignal.timeout(5000) });
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  return (await text(response)).includes('"health":"true"');
}
