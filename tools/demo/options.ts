import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run demo [-- OPTIONS]

Starts a Kubernetes control plane on this machine, installs Pullkeeper into it, and does with kubectl what an
administrator does: every command is printed with what came back, and every claim is checked. Needs no cluster and no
root. It leaves no process and no file behind, however it ends, but for the programs that it builds once.

Options:
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
        keep: { type: 'boolean' },
        'serve-flag': { type: 'string', multiple: true },
      },
    });
    return { help: values.help ?? false, keep: values.keep ?? false, serveFlags: values['serve-flag'] ?? [] };
  } catch (error) {
    return (error as Error).message;
  }
}
