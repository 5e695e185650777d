import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { runInside } from '../enclosure.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import type { NodeComponent } from '../pki.ts';
import { cniConfig, containerdConfig, containerdSocket, kubeletConfig, PAUSE_IMAGE } from './node-config.ts';
import { makeNodeFolders, registryHostsFolder, type NodePlace } from './node-place.ts';
import type { NodeProgram, RuntimeProgram } from './programs.ts';
import type { ImageMaker } from './test-images.ts';

/** Imports an archive into a node, as if it had been pulled before. */
export type ImageLoader = (archive: string) => Promise<void>;

export interface NodeParts {
  readonly cluster: Cluster;
  readonly programs: Readonly<Record<NodeProgram | RuntimeProgram, string>>;
  readonly makeImage: ImageMaker;
}

/** Starts a node's containerd and kubelet and resolves when it is Ready. */
export async function runNode({ cluster, programs, makeImage }: NodeParts, place: NodePlace): Promise<ImageLoader> {
  const { name } = place;
  const folders = await makeNodeFolders(cluster.folder, name);
  const files = {
    containerd: join(folders.containerd, 'config.toml'),
    cni: join(folders.cni, '10-pods.conflist'),
    kubelet: join(folders.kubelet, 'config.yaml'),
  };
  await writeFile(files.containerd, containerdConfig(folders, registryHostsFolder(cluster.folder)));
  await writeFile(files.cni, cniConfig(folders, place));
  await writeFile(files.kubelet, kubeletConfig(folders, place));

  const ctr = (...args: string[]): Promise<string> =>
    runInside(cluster.entrance, programs.ctr, ['--address', containerdSocket(folders), ...args]);
  const containerd = cluster.program({
    name: `${name}-containerd`,
    file: programs.containerd,
    args: ['--config', files.containerd],
    isReady: () => ctr('version').then(() => true),
  });
  await containerd.start();
  const load: ImageLoader = async (archive) => {
    // Not by the transfer service (--local), which gives up on a busy machine.
    await ctr('--namespace', 'k8s.io', 'images', 'import', '--local', archive);
  };
  await load(await makeImage(PAUSE_IMAGE));

  const kubelet = cluster.program({
    name: `${name}-kubelet`,
    file: programs.kubelet,
    args: [
      await logIn(cluster, name),
      `--config=${files.kubelet}`,
      `--root-dir=${folders.kubelet}`,
      `--hostname-override=${name}`,
      // A loopback address is refused.
      `--node-ip=${place.address}`,
    ],
    isReady: async () => {
      const ready = '{.status.conditions[?(@.type=="Ready")].status}';
      return (await cluster.kubectl(['get', 'node', name, '-o', `jsonpath=${ready}`])).stdout === 'True';
    },
  });
  await kubelet.start();
  return load;
}

/** Writes a component's kubeconfig and returns the flag that names it. */
export async function logIn(cluster: Cluster, name: NodeComponent): Promise<string> {
  const file = join(cluster.folder, `${name}.kubeconfig`);
  await writeKubeconfig(file, name, cluster.components[name]);
  return `--kubeconfig=${file}`;
}
