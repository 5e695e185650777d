import { describeFlags, parseFlags, type Flag } from '../flags.ts';

export interface UninstallRequest {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly ownNamespace: string;
  readonly secretName: string;
  /** Without it nothing is removed: what would be is told. */
  readonly yes: boolean;
}

export type UninstallRequestResult =
  | { readonly kind: 'request'; readonly request: UninstallRequest }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

const FLAGS: readonly Flag[] = [
  { name: 'yes', callOnly: true, help: 'Remove them. Without this flag nothing is changed.' },
  {
    name: 'kubeconfig',
    value: 'FILE',
    callOnly: true,
    help: 'Without it: the files that KUBECONFIG names, else ~/.kube/config, else the ServiceAccount that a Pod is given.',
  },
  { name: 'context', value: 'NAME', callOnly: true, help: "The kubeconfig's context, if not its current one." },
  {
    name: 'pullkeeper-namespace',
    value: 'NAME',
    default: 'pullkeeper-system',
    callOnly: true,
    help: "Pullkeeper's own namespace, where its Lease tells whether it still runs.",
  },
  {
    name: 'secret-name',
    value: 'NAME',
    default: 'pullkeeper',
    callOnly: true,
    help: 'The name of the managed Secrets, which Pods refer to.',
  },
  { name: 'help', short: 'h', callOnly: true, help: 'Print this.' },
];

export function readUninstallRequest(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): UninstallRequestResult {
  const flags = parseFlags(FLAGS, argv, env);
  if (flags.has('help')) return { kind: 'help', text: helpText() };
  const problems = [...flags.problems, ...flags.positionals.map((word) => `${word}: uninstall takes flags only`)];
  if (problems.length > 0) return { kind: 'invalid', problems };
  return {
    kind: 'request',
    request: {
      kubeconfig: flags.get('kubeconfig'),
      context: flags.get('context'),
      ownNamespace: flags.get('pullkeeper-namespace') ?? '',
      secretName: flags.get('secret-name') ?? '',
      yes: flags.has('yes'),
    },
  };
}

function helpText(): string {
  return `pullkeeper uninstall: removes the managed Secrets, when Pullkeeper itself is gone

Lists every Secret with the label pullkeeper.dev/managed=true and the Pods that refer to it: they go on running, and pull
again without a credential. With --yes it then removes those Secrets, and nothing else. Remove Pullkeeper itself first
(kubectl delete -f manifests/install.yaml): as long as it runs it puts back what is removed, and --yes is refused.

Usage: pullkeeper uninstall [--yes] [flags]

Flags:
${describeFlags(FLAGS)}

Exit status: 0 when nothing is left to remove or nothing was asked to be removed, 1 when something could not be done,
2 for wrong flags.
`;
}
