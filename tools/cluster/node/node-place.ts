import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeName } from '../pki.ts';

/** What keeps nodes that share one network namespace apart. */
export interface NodePlace {
  readonly name: NodeName;
  readonly address: string;
  readonly podSubnet: string;
  /** The network device that its Pods are behind. */
  readonly bridge: string;
  readonly kubeletPort: number;
}

export const PLACES: Readonly<Record<NodeName, NodePlace>> = {
  'node-1': {
    name: 'node-1',
    address: '10.77.0.1',
    podSubnet: '10.88.7.0/24',
    bridge: 'pods1',
    kubeletPort: 10250,
  },
  'node-2': {
    name: 'node-2',
    address: '10.77.0.2',
    podSubnet: '10.88.8.0/24',
    bridge: 'pods2',
    kubeletPort: 10251,
  },
};

/** The Pods of all nodes. */
export const POD_SUBNETS = '10.88.0.0/16';

/** Where a node's parts keep what they keep, all below the cluster's folder. */
export interface NodeFolders {
  readonly containerd: string;
  readonly cni: string;
  readonly kubelet: string;
}

export async function makeNodeFolders(folder: string, name: NodeName): Promise<NodeFolders> {
  const own = join(folder, name);
  const folders = { containerd: join(own, 'containerd'), cni: join(own, 'cni'), kubelet: join(own, 'kubelet') };
  for (const each of Object.values(folders)) await mkdir(each, { recursive: true });
  return folders;
}

/** containerd's registry configuration, of all nodes: a folder for each registry's name. */
export function registryHostsFolder(folder: string): string {
  return join(folder, 'registry-hosts');
}

/** Below the cluster's folder: a node's containerd keeps a folder for each container that runs. */
export const CONTAINER_FOLDERS: readonly string[] = Object.keys(PLACES).map((name) =>
  join(name, 'containerd/state/io.containerd.runtime.v2.task/k8s.io'),
);
