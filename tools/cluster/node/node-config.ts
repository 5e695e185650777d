import { join } from 'node:path';
import { stringify } from 'yaml';

/** Where the node's parts keep what they keep, all below the cluster's folder. */
export interface NodeFolders {
  readonly containerd: string;
  readonly cni: string;
  readonly kubelet: string;
  /** containerd's registry configuration: a folder for each registry's name. */
  readonly registryHosts: string;
}

export function nodeFolders(folder: string): NodeFolders {
  const containerd = join(folder, 'containerd');
  return {
    containerd,
    cni: join(folder, 'cni'),
    kubelet: join(folder, 'kubelet'),
    registryHosts: join(containerd, 'hosts'),
  };
}

export const NODE_ADDRESS = '10.77.0.1';
export const POD_SUBNET = '10.88.7.0/24';
/** Imported, never pulled: no registry of the outside is asked for it. */
export const PAUSE_IMAGE = 'localhost/pause:1';

export function containerdSocket({ containerd }: NodeFolders): string {
  return join(containerd, 'containerd.sock');
}

export function containerdConfig(folders: NodeFolders): string {
  const { containerd, cni, registryHosts } = folders;
  return `version = 3
root = "${containerd}/root"
state = "${containerd}/state"
[grpc]
  address = "${containerdSocket(folders)}"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "${PAUSE_IMAGE}"
  [plugins."io.containerd.cri.v1.images".registry]
    config_path = "${registryHosts}"
[plugins."io.containerd.cri.v1.runtime"]
  # For machines without CAP_SYS_RESOURCE, where runc cannot lower a score.
  restrict_oom_score_adj = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "${cni}"
`;
}

/** Makes containerd ask a loopback port for a registry of any name. Nothing outside is called: `server` is the last resort. */
export function registryHostConfig(port: number): string {
  const server = `http://127.0.0.1:${port}`;
  return `server = "${server}"\n[host."${server}"]\n  capabilities = ["pull", "resolve"]\n`;
}

export function cniConfig(cni: string): string {
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'pods0',
        isDefaultGateway: true,
        // A Pod that calls its own Service gets its own packets back.
        hairpinMode: true,
        ipMasq: false,
        ipam: { type: 'host-local', subnet: POD_SUBNET, dataDir: join(cni, 'addresses') },
      },
    ],
  });
}

export function kubeletConfig(folders: NodeFolders): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${containerdSocket(folders)}`,
    podLogsDir: join(folders.kubelet, 'pod-logs'),
    // The machine may have cgroup v1, swap, and controllers that are not ours to use.
    failCgroupV1: false,
    failSwapOn: false,
    cgroupDriver: 'cgroupfs',
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    makeIPTablesUtilChains: false,
    // There is no name server: Pods get what Kubernetes writes, not what this machine has.
    resolvConf: '',
    // A full disk or little memory of the machine that runs tests is not what they are about.
    evictionHard: { 'memory.available': '10Mi' },
    imageGCHighThresholdPercent: 100,
    // Only processes in the network namespace can call it.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
  });
}
