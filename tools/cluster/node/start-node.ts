import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensurePrograms } from '../../programs/ensure-programs.ts';
import { ProgramsError } from '../../programs/program-set.ts';
import type { Cluster, ClusterOptions } from '../cluster.ts';
import { runInside } from '../enclosure.ts';
import { startCluster } from '../start-cluster.ts';
import { registryHostConfig } from './node-config.ts';
import { PLACES, POD_SUBNETS, registryHostsFolder } from './node-place.ts';
import { nodePrograms, runtimePrograms, type RuntimeProgram } from './programs.ts';
import { startPasswordRegistry, type Registry } from './registry.ts';
import { findFile, findNodeProblem, nodePath } from './requirements.ts';
import { logIn, runNode, type ImageLoader, type NodeParts } from './run-node.ts';
import { createImageMaker, type ImageMaker } from './test-images.ts';
import { startTokenRegistry } from './token-registry.ts';

/** A cluster with one node, on which Pods run, and two private registries. */
export interface NodeCluster {
  readonly cluster: Cluster;
  /** With an htpasswd file. It stands for Docker Hub as well. */
  readonly registry: Registry;
  /** With a token service, as Harbor. */
  readonly harbor: Registry;
  readonly images: { readonly load: ImageLoader; readonly make: ImageMaker };
  /** The runtime's programs and the registry's client, by their names. */
  readonly programs: Readonly<Record<RuntimeProgram, string>>;
  /** Adds a second node, which has no images, and resolves when it is Ready. */
  readonly addNode: () => Promise<ImageLoader>;
}

export interface NodeOptions extends Pick<ClusterOptions, 'env' | 'progress' | 'signal'> {
  readonly apiServerFlags?: readonly string[];
}

const API_SERVER_PORT = 6443;
const REGISTRY_PORT = 5000;
const HARBOR_PORT = 5001;
const TOKEN_PORT = 5002;

const FIRST = PLACES['node-1'];
const SECOND = PLACES['node-2'];

const ENCLOSURE = [
  ...['unshare', '--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'],
  ...[join(import.meta.dirname, 'enclosure.sh'), FIRST.address],
];

/**
 * Starts a control plane, a node and two registries in namespaces of their own, as root on Linux. Whatever becomes of
 * this process, none of its processes, mounts, interfaces and files is left. Rejects as `startCluster` does, and with a
 * `ProgramsError` where there can be no node.
 */
export async function startNode(options: NodeOptions = {}): Promise<NodeCluster> {
  const { env = process.env, progress, signal, apiServerFlags = [] } = options;
  const problem = await findNodeProblem(env);
  if (problem !== undefined) throw new ProgramsError(problem);
  const ensure = { env, progress, signal };
  const programs = {
    ...(await ensurePrograms(await nodePrograms(env), ensure)),
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
      `--advertise-address=${FIRST.address}`,
      '--endpoint-reconciler-type=lease',
      '--enable-admission-plugins=NodeRestriction',
      ...apiServerFlags,
    ],
    enclosure: { launcher: ENCLOSURE, apiServerPort: API_SERVER_PORT },
  });
  const interrupt = (): void => void cluster.stop();
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const busybox = (await findFile('busybox', env)) ?? 'busybox';
    const makeImage = await createImageMaker(join(cluster.folder, 'images'), busybox);
    const parts: NodeParts = { cluster, programs, makeImage };
    const [registry, harbor, load] = await Promise.all([
      startPasswordRegistry({ ...parts, name: NAMES.registry, port: REGISTRY_PORT }),
      startTokenRegistry({ ...parts, name: NAMES.harbor, port: HARBOR_PORT, tokenPort: TOKEN_PORT }),
      runNode(parts, FIRST),
      startClusterPrograms(parts),
      nameRegistries(cluster),
    ]);
    return {
      cluster,
      registry,
      harbor,
      images: { make: makeImage, load },
      programs,
      addNode: async () => {
        const address = ['addr', 'add', `${SECOND.address}/24`, 'dev', 'eth0'];
        await runInside(cluster.entrance, 'ip', address, { ...env, PATH: nodePath(env) });
        return runNode(parts, SECOND);
      },
    };
  } catch (error) {
    await cluster.stop();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}

/** Names for documentation (RFC 2606): nobody's, and nothing outside is asked for them. */
const NAMES = { registry: 'registry.example.com', harbor: 'harbor.example.com' };

const PORTS: Readonly<Record<string, number>> = {
  [NAMES.registry]: REGISTRY_PORT,
  [NAMES.harbor]: HARBOR_PORT,
  'docker.io': REGISTRY_PORT,
};

async function nameRegistries({ folder }: Cluster): Promise<void> {
  for (const [name, port] of Object.entries(PORTS)) {
    const own = join(registryHostsFolder(folder), name);
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'hosts.toml'), registryHostConfig(port));
  }
}

/** What there is one of, however many nodes share the network namespace. */
async function startClusterPrograms({ cluster, programs }: NodeParts): Promise<void> {
  const scheduler = cluster.program({
    name: 'kube-scheduler',
    file: programs['kube-scheduler'],
    args: [await logIn(cluster, 'kube-scheduler'), '--leader-elect=false', '--bind-address=127.0.0.1'],
    isReady: async () => true,
  });
  const proxy = cluster.program({
    name: 'kube-proxy',
    file: programs['kube-proxy'],
    args: [
      await logIn(cluster, 'kube-proxy'),
      '--proxy-mode=iptables',
      `--cluster-cidr=${POD_SUBNETS}`,
      `--hostname-override=${FIRST.name}`,
      // What is tracked how long is the machine's to say.
      ...['max-per-core', 'tcp-timeout-established', 'tcp-timeout-close-wait'].map((name) => `--conntrack-${name}=0`),
    ],
    isReady: async () => true,
  });
  await Promise.all([scheduler.start(), proxy.start()]);
}
