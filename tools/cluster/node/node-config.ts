import { join } from 'node:path';
import { stringify } from 'yaml';
import type { NodeFolders, NodePlace } from './node-place.ts';

/** Imported, never pulled: no registry of the outside is asked for it. */
export const PAUSE_IMAGE = 'localhost/pause:1';

export function containerdSocket({ containerd }: NodeFolders): string {
  return join(containerd, 'containerd.sock');
}

export function containerdConfig(folders: NodeFolders, registryHosts: string): string {
  const { containerd, cni } = folders;
  return `version = 3
root = "${containerd}/root"
state = "${containerd}/state"
[grpc]
  address = "${containerdSocket(folders)}"
[plugins."io.containerd.nri.v1.nri"]
  # Its socket has one name, whatever the node's is.
  disable = true
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

export function cniConfig({ cni }: NodeFolders, { bridge, podSubnet }: NodePlace): string {
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: bridge,
    plugins: [
      {
        type: 'bridge',
        bridge,
        isDefaultGateway: true,
        // A Pod that calls its own Service gets its own packets back.
        hairpinMode: true,
        ipMasq: false,
        ipam: { type: 'host-local', subnet: podSubnet, dataDir: join(cni, 'addresses') },
      },
    ],
  });
}

export function kubeletConfig(folders: NodeFolders, { address, kubeletPort }: NodePlace): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address,
    port: kubeletPort,
    // Nobody asks there.
    healthzPort: 0,
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
