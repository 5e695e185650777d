import { describeFlags, HELP_FLAG, parseFlags, type Flag } from '../flags.ts';
import { CLUSTER_FLAGS, ownNamespaceFlag } from './cluster-flags.ts';
import type { RequestResult } from './request-result.ts';

export interface UninstallRequest {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly ownNamespace: string;
  readonly secretName: string;
  /** Without it nothing is removed: what would be is told. */
  readonly yes: boolean;
}

const FLAGS: readonly Flag[] = [
  { name: 'yes', callOnly: true, help: 'Remove them. Without this flag nothing is changed.' },
  ...CLUSTER_FLAGS,
  ownNamespaceFlag('where its Lease tells whether it still runs'),
  {
    name: 'secret-name',
    value: 'NAME',
    default: 'pullkeeper',
    callOnly: true,
    help: 'The name of the managed Secrets, which Pods refer to.',
  },
  HELP_FLAG,
];

export function readUninstallRequest(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RequestResult<UninstallRequest> {
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
(helm uninstall, or kubectl delete -f manifests/install.yaml): as long as it runs it puts back what is removed, and --yes is refused.

Usage: pullkeeper uninstall [--yes] [flags]

Flags:
${describeFlags(FLAGS)}

Exit status: 0 when nothing is left to remove or nothing was asked to be removed, 1 when something could not be done,
2 for wrong flags.
`;
}
