import { join } from 'node:path';
import type { ProgramSet } from '../../programs/program-set.ts';
import { selectKubernetes, versionFlags } from '../kubernetes-version.ts';

export type NodeProgram = 'kube-scheduler' | 'kubelet' | 'kube-proxy';
export type RuntimeProgram = 'containerd' | 'containerd-shim-runc-v2' | 'ctr' | 'registry' | 'crane' | 'bcrypt';

/** What a control plane needs besides itself to run Pods; of the same version, from the same module. */
export async function nodePrograms(env: NodeJS.ProcessEnv = process.env): Promise<ProgramSet<NodeProgram>> {
  const kubernetes = await selectKubernetes(env);
  return {
    name: 'node',
    moduleDir: kubernetes.moduleDir,
    programs: {
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
    },
    ldflags: versionFlags(kubernetes),
  };
}

/** The container runtime (runc excepted: a Go build without C lacks seccomp), a registry, its client, and its passwords. */
export function runtimePrograms(): ProgramSet<RuntimeProgram> {
  return {
    name: 'node-runtime',
    moduleDir: join(import.meta.dirname, 'runtime'),
    programs: {
      containerd: 'github.com/containerd/containerd/v2/cmd/containerd',
      'containerd-shim-runc-v2': 'github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2',
      ctr: 'github.com/containerd/containerd/v2/cmd/ctr',
      registry: 'github.com/distribution/distribution/v3/cmd/registry',
      crane: 'github.com/google/go-containerregistry/cmd/crane',
      bcrypt: './bcrypt',
    },
    // Snapshotters that are not used here, and need headers of C libraries.
    tags: ['no_btrfs', 'no_devmapper', 'no_zfs'],
  };
}
