import type { Flag } from '../flags.ts';

/** Which cluster, as whom, and in which namespace; undefined: what the kubeconfig says. */
export interface ClusterFlags {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
}

/** How the caller's cluster is found, as kubectl finds it. */
export const CLUSTER_FLAGS: readonly Flag[] = [
  {
    name: 'kubeconfig',
    value: 'FILE',
    callOnly: true,
    help: 'Without it: the files that KUBECONFIG names, else ~/.kube/config, else the ServiceAccount that a Pod is given.',
  },
  { name: 'context', value: 'NAME', callOnly: true, help: "The kubeconfig's context, if not its current one." },
];

/** Where Pullkeeper itself is; `use` says what is looked for there. */
export function ownNamespaceFlag(use: string): Flag {
  return {
    name: 'pullkeeper-namespace',
    value: 'NAME',
    default: 'pullkeeper-system',
    callOnly: true,
    help: `Pullkeeper's own namespace, ${use}.`,
  };
}
