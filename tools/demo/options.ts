import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run demo [-- OPTIONS]

Starts a Kubernetes control plane on this machine, installs Pullkeeper into it, and does with kubectl what an
administrator does: every command is printed with what came back, and every claim is checked. Needs no cluster and no
root. It leaves no process and no file behind, however it ends, but for the programs that it builds once.

With --node, on a node (kubelet, containerd) with two private registries: images are pulled, and Pods run. That needs root
on Linux, and a few Debian packages, which it names.

Options:
  --node             on a node, and with Pullkeeper in Pods of its own, from its own image
  --keep             stay up afterwards, say what to try, and end on Ctrl-C
  --serve-flag FLAG  a further flag for pullkeeper serve, for example --serve-flag=--log-level=debug; may be repeated
  --help             show this and exit

Environment:
  NO_COLOR           no colours; there are none either where the output is not a terminal
  KUBEBUILDER_ASSETS folder of ready programs (etcd, kube-apiserver, kubectl, …): those found there are used
  XDG_CACHE_HOME     the others are built with Go once, and kept below this folder (default: ~/.cache)
  TMPDIR             all other files lie below this folder (default: /tmp)

Exit status: 0 when every step was seen to hold, 1 when one did not, 2 for wrong options, 130 after Ctrl-C.
`;

export interface DemoOptions {
  readonly help: boolean;
  readonly node: boolean;
  readonly keep: boolean;
  readonly serveFlags: readonly string[];
}

/** Returns the options, or a sentence that says what is wrong with them. */
export function readOptions(args: readonly string[]): DemoOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean' },
        node: { type: 'boolean' },
        keep: { type: 'boolean' },
        'serve-flag': { type: 'string', multiple: true },
      },
    });
    const { help = false, node = false, keep = false, 'serve-flag': serveFlags = [] } = values;
    if (node && serveFlags.length > 0) return '--serve-flag is not for --node, where the manifests say the flags';
    return { help, node, keep, serveFlags };
  } catch (error) {
    return (error as Error).message;
  }
}
