import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensurePrograms } from '../../programs/ensure-programs.ts';
import { ProgramsError } from '../../programs/program-set.ts';
import type { Cluster, ClusterOptions } from '../cluster.ts';
import { runInside } from '../enclosure.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import { NODE_NAME, type NodeComponent } from '../pki.ts';
import { startCluster } from '../start-cluster.ts';
import { writeImage, writeLayer } from './image-archive.ts';
import {
  cniConfig,
  containerdConfig,
  containerdSocket,
  kubeletConfig,
  NODE_ADDRESS,
  nodeFolders,
  PAUSE_IMAGE,
  POD_SUBNET,
  registryHostConfig,
  type NodeFolders,
} from './node-config.ts';
import { nodePrograms, runtimePrograms, type NodeProgram, type RuntimeProgram } from './programs.ts';
import { startPasswordRegistry, type Registry } from './registry.ts';
import { findFile, findNodeProblem, nodePath } from './requirements.ts';
import { startTokenRegistry } from './token-registry.ts';

/** A cluster with one node, on which Pods run, and two private registries. */
export interface NodeCluster {
  readonly cluster: Cluster;
  /** With an htpasswd file. It stands for Docker Hub as well. */
  readonly registry: Registry;
  /** With a token service, as Harbor. */
  readonly harbor: Registry;
  readonly images: ImageTools;
}

export interface ImageTools {
  /** Imports an archive into the node, as if it had been pulled before. */
  readonly load: (archive: string) => Promise<void>;
  /** Writes the archive of an image that runs until it is told to stop, and returns its path. No two names are the same image. */
  readonly make: (name: string) => Promise<string>;
}

export interface NodeOptions extends Pick<ClusterOptions, 'env' | 'progress' | 'signal'> {
  /** Names under which images are pulled from the two registries. */
  readonly names?: { readonly registry: string; readonly harbor: string };
}

const API_SERVER_PORT = 6443;
const REGISTRY_PORT = 5000;
const HARBOR_PORT = 5001;
const TOKEN_PORT = 5002;

/** The shell is the image's first process, and one that handles no signal would have to be killed, after 30 s. */
const RUN_UNTIL_STOPPED = ['/bin/sh', '-c', "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"];

const ENCLOSURE = [
  ...['unshare', '--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'],
  ...[join(import.meta.dirname, 'enclosure.sh'), NODE_ADDRESS],
];

/**
 * Starts a control plane, a node and two registries in namespaces of their own, as root on Linux. Whatever becomes of
 * this process, none of its processes, mounts, interfaces and files is left. Rejects as `startCluster` does, and with a
 * `ProgramsError` where there can be no node.
 */
export async function startNode(options: NodeOptions = {}): Promise<NodeCluster> {
  const { env = process.env, progress, signal, names } = options;
  const problem = await findNodeProblem(env);
  if (problem !== undefined) throw new ProgramsError(problem);
  const ensure = { env, progress, signal };
  const programs = {
    ...(await ensurePrograms(await nodePrograms(), ensure)),
    ...(await ensurePrograms(runtimePrograms(), ensure)),
  };
  const cluster = await startCluster({
    // containerd looks for its shim, and the shim for runc.
    env: { ...env, PATH: `${dirname(programs.containerd)}:${nodePath(env)}` },
    ...(progress === undefined ? {} : { progress }),
    ...(signal === undefined ? {} : { signal }),
    apiServerFlags: [
      // Pods reach it at the Service `kubernetes`, whose endpoint is this address.
      '--bind-address=0.0.0.0',
      `--advertise-address=${NODE_ADDRESS}`,
      '--endpoint-reconciler-type=lease',
      '--enable-admission-plugins=NodeRestriction',
    ],
    enclosure: { launcher: ENCLOSURE, apiServerPort: API_SERVER_PORT },
  });
  try {
    const folders = await writeConfiguration(cluster);
    const images = await prepareImages(cluster, programs, await findFile('busybox', env));
    const registryFolder = async (name: string): Promise<string> => {
      const folder = join(cluster.folder, name);
      await mkdir(folder);
      return folder;
    };
    const { registry: registryName, harbor: harborName } = names ?? NAMES;
    const base = { cluster, programs };
    const [registry, harbor] = await Promise.all([
      startPasswordRegistry({
        ...base,
        name: registryName,
        port: REGISTRY_PORT,
        folder: await registryFolder('registry'),
      }),
      startTokenRegistry({
        ...base,
        name: harborName,
        port: HARBOR_PORT,
        tokenPort: TOKEN_PORT,
        folder: await registryFolder('harbor'),
      }),
      startPrograms(cluster, programs, folders, images),
    ]);
    const ports = { [registryName]: REGISTRY_PORT, [harborName]: HARBOR_PORT, 'docker.io': REGISTRY_PORT };
    await nameRegistries(folders, ports);
    return { cluster, registry, harbor, images };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Names for documentation (RFC 2606): nobody's, and nothing outside is asked for them. */
const NAMES = { registry: 'registry.example.com', harbor: 'harbor.example.com' };

async function writeConfiguration(cluster: Cluster): Promise<NodeFolders> {
  const folders = nodeFolders(cluster.folder);
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  await writeFile(join(folders.containerd, 'config.toml'), containerdConfig(folders));
  await writeFile(join(folders.cni, '10-pods.conflist'), cniConfig(folders.cni));
  await writeFile(join(folders.kubelet, 'config.yaml'), kubeletConfig(folders));
  for (const [name, access] of Object.entries(cluster.components)) {
    await writeKubeconfig(join(cluster.folder, `${name}.kubeconfig`), name, access);
  }
  return folders;
}

async function nameRegistries(folders: NodeFolders, ports: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    const folder = join(folders.registryHosts, name);
    await mkdir(folder);
    await writeFile(join(folder, 'hosts.toml'), registryHostConfig(port));
  }
}

async function prepareImages(
  cluster: Cluster,
  programs: Readonly<Record<RuntimeProgram, string>>,
  busybox: string | undefined,
): Promise<ImageTools> {
  const folder = join(cluster.folder, 'images');
  await mkdir(folder);
  const layer = await writeLayer(folder, busybox ?? 'busybox');
  let archives = 0;
  const socket = containerdSocket(nodeFolders(cluster.folder));
  return {
    make: async (name) => {
      archives += 1;
      const archive = join(folder, `${archives}.tar`);
      await writeImage({ name, layer, entrypoint: RUN_UNTIL_STOPPED, archive });
      return archive;
    },
    load: async (archive) => {
      // Not by the transfer service (--local), which gives up on a busy machine.
      const ctr = ['--address', socket, '--namespace', 'k8s.io'];
      await runInside(cluster.entrance, programs.ctr, [...ctr, 'images', 'import', '--local', archive]);
    },
  };
}

async function startPrograms(
  cluster: Cluster,
  programs: Readonly<Record<NodeProgram | RuntimeProgram, string>>,
  folders: NodeFolders,
  images: ImageTools,
): Promise<void> {
  const start = async (name: NodeProgram | 'containerd', args: string[], isReady: () => Promise<boolean>) =>
    cluster.program({ name, file: programs[name], args, isReady }).start();
  const kubectl = async (...args: string[]): Promise<string> => (await cluster.kubectl(args)).stdout;
  const kubeconfig = (name: NodeComponent): string => `--kubeconfig=${join(cluster.folder, `${name}.kubeconfig`)}`;

  const version = ['--address', containerdSocket(folders), 'version'];
  await start('containerd', ['--config', join(folders.containerd, 'config.toml')], () =>
    runInside(cluster.entrance, programs.ctr, version).then(() => true),
  );
  await images.load(await images.make(PAUSE_IMAGE));
  await Promise.all([
    start(
      'kube-scheduler',
      [kubeconfig('kube-scheduler'), '--leader-elect=false', '--bind-address=127.0.0.1'],
      async () => true,
    ),
    start(
      'kubelet',
      [
        kubeconfig('kubelet'),
        `--config=${join(folders.kubelet, 'config.yaml')}`,
        `--root-dir=${folders.kubelet}`,
        `--hostname-override=${NODE_NAME}`,
        // A loopback address is refused.
        `--node-ip=${NODE_ADDRESS}`,
      ],
      async () => (await kubectl('get', 'node', NODE_NAME, '-o', `jsonpath=${READY}`)) === 'True',
    ),
    start(
      'kube-proxy',
      [
        kubeconfig('kube-proxy'),
        '--proxy-mode=iptables',
        `--cluster-cidr=${POD_SUBNET}`,
        `--hostname-override=${NODE_NAME}`,
        // What is tracked how long is the machine's to say.
        ...['max-per-core', 'tcp-timeout-established', 'tcp-timeout-close-wait'].map((name) => `--conntrack-${name}=0`),
      ],
      async () => true,
    ),
  ]);
}

const READY = '{.status.conditions[?(@.type=="Ready")].status}';
