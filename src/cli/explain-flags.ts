import { excludedNamespaces } from '../config.ts';
import type { Install } from '../core/explain/facts.ts';
import { parseSelector } from '../core/sources/label-selector.ts';
import { describeFlags, HELP_FLAG, parseFlags, type Flag } from '../flags.ts';
import { explainNamespaceFlag, explainSecretFlag } from '../name-flags.ts';
import { CLUSTER_FLAGS, ownNamespaceFlag, type ClusterFlags } from './cluster-flags.ts';
import { readTarget, type Target } from './explain-target.ts';
import type { RequestResult } from './request-result.ts';

/** What `pullkeeper explain` was asked. */
export interface ExplainRequest {
  readonly targets: readonly Target[];
  readonly cluster: ClusterFlags;
  readonly install: Install;
  /** Files that stand for sources; with any, no cluster is asked. */
  readonly dockerConfigs: readonly string[];
  readonly output: 'text' | 'json';
}

const FLAGS: readonly Flag[] = [
  {
    name: 'filename',
    short: 'f',
    value: 'FILE',
    repeatable: true,
    callOnly: true,
    help: 'Manifests whose Pods and Pod templates are explained; - is standard input. Repeatable.',
  },
  {
    name: 'docker-config',
    value: 'FILE',
    repeatable: true,
    callOnly: true,
    help: 'Ask no cluster: this config.json or .dockercfg stands for a source that reaches every namespace. Repeatable.',
  },
  {
    name: 'namespace',
    short: 'n',
    value: 'NAME',
    callOnly: true,
    help: "The Pod's namespace. Without it: the manifest's, else the kubeconfig's, else default.",
  },
  { name: 'output', short: 'o', value: 'FORMAT', default: 'text', callOnly: true, help: 'text or json.' },
  ...CLUSTER_FLAGS,
  ownNamespaceFlag('which holds the sources'),
  {
    name: 'secret-name',
    value: 'NAME',
    default: 'pullkeeper',
    help: 'The managed Secret in every enabled namespace, as Pullkeeper was installed.',
  },
  {
    name: 'namespace-selector',
    value: 'SELECTOR',
    default: 'pullkeeper.dev/inject in (enabled,always)',
    help: 'Which namespaces are enabled, as Pullkeeper was installed.',
  },
  HELP_FLAG,
];

/** Flags and environment → what is asked, or every problem at once. */
export function readExplainRequest(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RequestResult<ExplainRequest> {
  const flags = parseFlags(FLAGS, argv, env);
  if (flags.has('help')) return { kind: 'help', text: helpText() };
  const text = (name: string): string => flags.get(name) ?? '';
  const dockerConfigs = flags.getAll('docker-config');
  const targets: readonly Target[] = [
    ...flags.positionals.map(readTarget),
    ...flags.getAll('filename').map((path): Target => ({ kind: 'file', path })),
  ];
  const selector = parseSelector(text('namespace-selector'));
  const output = text('output');
  const problems = [
    ...flags.problems,
    ...(targets.length === 0 ? ['nothing to explain: name an IMAGE, pod/NAME or -f FILE'] : []),
    ...(dockerConfigs.length === 0 ? [] : targets.flatMap(refuseOffline)),
    ...['namespace', 'pullkeeper-namespace'].flatMap((name) =>
      explainNamespaceFlag(name, flags.get(name) ?? 'default'),
    ),
    ...explainSecretFlag('secret-name', text('secret-name')),
    ...(selector.kind === 'invalid' ? [`--namespace-selector: ${selector.sentence}`] : []),
    ...(output === 'text' || output === 'json' ? [] : [`--output: ${JSON.stringify(output)} is neither text nor json`]),
  ];
  if (problems.length > 0 || selector.kind === 'invalid') return { kind: 'invalid', problems };
  return {
    kind: 'request',
    request: {
      targets,
      dockerConfigs,
      output: output === 'json' ? 'json' : 'text',
      cluster: {
        kubeconfig: flags.get('kubeconfig'),
        context: flags.get('context'),
        namespace: flags.get('namespace'),
      },
      install: {
        secretName: text('secret-name'),
        ownNamespace: text('pullkeeper-namespace'),
        selector: selector.selector,
        selectorText: text('namespace-selector'),
        excluded: excludedNamespaces(text('pullkeeper-namespace')),
      },
    },
  };
}

function refuseOffline(target: Target): readonly string[] {
  if (target.kind !== 'object') return [];
  const { object, name } = target;
  return [`${object.names[0] ?? object.kind}/${name}: is in a cluster, which is not asked with --docker-config`];
}

function helpText(): string {
  return `pullkeeper explain: why an image pulls, or does not

Says how each image is read, which registry key of which source matches it and why the near ones do not, which
credential the kubelet tries first, what the webhook answers, and what helps. It changes nothing and shows no credential.

Usage: pullkeeper explain IMAGE… [flags]
       pullkeeper explain pod/NAME [flags]      also deployment/, statefulset/, daemonset/, replicaset/, job/, cronjob/
       pullkeeper explain -f FILE [flags]

Flags:
${describeFlags(FLAGS)}

Exit status: 0 when all was explained, whatever came out; 1 when something was not there or could not be read at all;
2 for wrong flags.
`;
}
