import type { Progress } from '../programs/progress.ts';
import type { Enclosure } from './enclosure.ts';
import type { Access } from './kubeconfig.ts';
import type { Kubectl } from './kubectl.ts';
import type { ManagedProgram, ProgramFailure } from './managed-program.ts';
import type { NodeComponent } from './pki.ts';

export interface ClusterProgram {
  /** Unique in this cluster. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Whether it answers; asked again and again while it starts. */
  readonly isReady: () => Promise<boolean>;
}

export interface ClusterOptions {
  /** Further flags for kube-apiserver, each as on its command line: `--audit-policy-file=/…`. They win over the tool's own. */
  readonly apiServerFlags?: readonly string[];
  /** Further flags for kube-controller-manager. */
  readonly controllerManagerFlags?: readonly string[];
  /** Default: this process's environment (PATH, HOME, XDG_CACHE_HOME, TMPDIR, KUBEBUILDER_ASSETS are read). */
  readonly env?: NodeJS.ProcessEnv;
  /** Where to say what is being built. Default: stderr. */
  readonly progress?: Progress;
  /** Ends a start that is under way; everything begun is undone. */
  readonly signal?: AbortSignal;
  /** Chooses the API server's port. Default: a free one; another is tried when it turns out to be taken. */
  readonly choosePort?: () => Promise<number>;
  /** Namespaces of the cluster's own to run in (root on Linux). Default: none, its programs are like any of this machine. */
  readonly enclosure?: Enclosure;
}

/** A running control plane: etcd, kube-apiserver, kube-controller-manager. It has no node: Pods stay Pending. */
export interface Cluster extends AsyncDisposable {
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  /** PEM of the CA that signed the API server's certificate. */
  readonly caPem: string;
  /** Server, CA and token of the cluster's admin (group system:masters). For the tests and the tool, not for the product. */
  readonly admin: Access;
  /** Path of the admin's kubeconfig. */
  readonly kubeconfig: string;
  /** What a node's programs log in with. */
  readonly components: Readonly<Record<NodeComponent, Access>>;
  /** Command line that runs another one where the cluster's addresses are to be reached; empty without an enclosure. */
  readonly entrance: readonly string[];
  /** Folder of everything the cluster keeps; removed by {@link stop}. */
  readonly folder: string;
  /** Path of the kubectl that fits. */
  readonly kubectlFile: string;
  readonly kubectl: Kubectl;
  readonly etcd: ManagedProgram;
  readonly apiServer: ManagedProgram;
  /** Counts as started as soon as the namespace `default` has its ServiceAccount, which it keeps over a restart. */
  readonly controllerManager: ManagedProgram;
  /** Resolves when a program ends that nobody stopped. */
  readonly failed: Promise<ProgramFailure>;
  /** Writes a kubeconfig with a token of this ServiceAccount (valid for a day unless told) and returns its path. */
  kubeconfigFor(serviceAccount: string, namespace: string, expirationSeconds?: number): Promise<string>;
  /**
   * A further program, not started yet, that ends with the cluster whatever becomes of this process. Its output goes to
   * the folder's `log/NAME.log`.
   */
  program(spec: ClusterProgram): ManagedProgram;
  /** Ends all programs and removes the folder. May be called more than once. */
  stop(): Promise<void>;
}
