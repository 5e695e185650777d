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
