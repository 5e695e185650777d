import { ensurePrograms, type EnsureOptions } from '../programs/ensure-programs.ts';
import type { ProgramSet } from '../programs/program-set.ts';
import { selectKubernetes, versionFlags } from './kubernetes-version.ts';

export type ControlPlaneProgram = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl';

/**
 * What a control plane consists of, at the version that `env` selects. `KUBEBUILDER_ASSETS` is where the ecosystem's
 * tools (envtest, kind's test assets) look for the same programs; it holds no kube-controller-manager.
 */
export async function controlPlanePrograms(
  env: NodeJS.ProcessEnv = process.env,
): Promise<ProgramSet<ControlPlaneProgram>> {
  const kubernetes = await selectKubernetes(env);
  return {
    name: 'control-plane',
    moduleDir: kubernetes.moduleDir,
    programs: {
      etcd: 'go.etcd.io/etcd/server/v3',
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    ldflags: versionFlags(kubernetes),
    assetsVariable: 'KUBEBUILDER_ASSETS',
  };
}

/**
 * Makes sure that a control plane's programs are there and says where, as {@link ensurePrograms} does. etcd is the present
 * version's, whichever is selected: etcd 3.5, of Kubernetes 1.33 and before, listens on no socket that has a path.
 */
export async function ensureControlPlane(options: EnsureOptions = {}): Promise<Record<ControlPlaneProgram, string>> {
  const selected = await controlPlanePrograms(options.env ?? process.env);
  const present = await controlPlanePrograms({});
  if (selected.moduleDir === present.moduleDir) return ensurePrograms(present, options);
  return {
    ...(await ensurePrograms(selected, options, ['kube-apiserver', 'kube-controller-manager', 'kubectl'])),
    ...(await ensurePrograms(present, options, ['etcd'])),
  };
}
