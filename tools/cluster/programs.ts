import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgramSet } from '../programs/program-set.ts';

export type ControlPlaneProgram = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl';

/**
 * What a control plane consists of, at the version that kubernetes/go.mod names. `KUBEBUILDER_ASSETS` is where the
 * ecosystem's tools (envtest, kind's test assets) look for the same programs; it holds no kube-controller-manager.
 */
export async function controlPlanePrograms(): Promise<ProgramSet<ControlPlaneProgram>> {
  const moduleDir = join(import.meta.dirname, 'kubernetes');
  return {
    name: 'control-plane',
    moduleDir,
    programs: {
      etcd: 'go.etcd.io/etcd/server/v3',
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    ldflags: versionFlags(await readFile(join(moduleDir, 'go.mod'), 'utf8')),
    assetsVariable: 'KUBEBUILDER_ASSETS',
  };
}

/** Without these the programs call themselves v0.0.0-master, and features that look at the server's version are off. */
export function versionFlags(goMod: string): string {
  const [, version, major, minor] = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(goMod) ?? [];
  if (version === undefined) throw new Error('kubernetes/go.mod names no version of k8s.io/kubernetes');
  const variables = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(variables).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ['-s -w', ...flags].join(' ');
}
