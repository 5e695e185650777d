import { describeFlags, HELP_FLAG, parseFlags, type Flag } from '../flags.ts';
import { explainSecretFlag } from '../name-flags.ts';
import type { RequestResult } from './request-result.ts';

/** What `pullkeeper inject` was asked. */
export interface InjectRequest {
  /** Paths, or `-` for standard input; at least one. */
  readonly manifests: readonly string[];
  /** Paths; at least one. */
  readonly dockerConfigs: readonly string[];
  readonly secretName: string;
}

const FLAGS: readonly Flag[] = [
  {
    name: 'filename',
    short: 'f',
    value: 'FILE',
    repeatable: true,
    callOnly: true,
    help: 'Manifests, YAML or JSON; - is standard input. Several files come out as one stream, separated by ---. No directories, no URLs.',
  },
  {
    name: 'docker-config',
    value: 'FILE',
    repeatable: true,
    callOnly: true,
    help: 'The credentials that the cluster has: a config.json as docker login writes it, or an older .dockercfg. Of several that hold one registry, the first counts.',
  },
  {
    name: 'secret-name',
    value: 'NAME',
    default: 'pullkeeper',
    help: "The managed Secret's name, as the cluster's Pullkeeper has it.",
  },
  HELP_FLAG,
];

/** Flags and environment → what to do, or every problem at once, one sentence each. */
export function readInjectRequest(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RequestResult<InjectRequest> {
  const flags = parseFlags(FLAGS, argv, env);
  if (flags.has('help')) return { kind: 'help', text: helpText() };
  const request: InjectRequest = {
    manifests: flags.getAll('filename'),
    dockerConfigs: flags.getAll('docker-config'),
    secretName: flags.get('secret-name') ?? '',
  };
  const problems = [...flags.problems, ...flags.positionals.map(explainWord), ...explainRequest(request)];
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'request', request };
}

function explainWord(word: string): string {
  return `${word}: inject takes flags only; write -f ${word} for a file`;
}

function explainRequest({ manifests, dockerConfigs, secretName }: InjectRequest): readonly string[] {
  const urls = manifests.filter((path) => /^https?:\/\//.test(path));
  return [
    ...(manifests.length === 0 ? ['-f: is missing; write -f FILE, or -f - for standard input'] : []),
    ...(dockerConfigs.length === 0
      ? ['--docker-config: is missing; without credentials no Pod gets the reference']
      : []),
    ...urls.map((url) => `-f ${url}: is a URL; fetch it first: curl -sSL URL | pullkeeper inject -f -`),
    ...(manifests.filter((path) => path === '-').length > 1 ? ['-f -: standard input can be read once only'] : []),
    ...explainSecretFlag('secret-name', secretName),
  ];
}

function helpText(): string {
  return `pullkeeper inject: manifests in, manifests out, with the pull Secret in every Pod template that needs it

For those who render manifests before they apply them. Decides as the webhook would in an enabled namespace: a Pod
template gets the reference when the kubelet would find a credential for one of its images in the docker configs given.
Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob, and lists of them;
all else passes through. Only the text of the reference is inserted; every other byte stays. What was done, and why, is
told on standard error. The Secret itself is not written: that is the cluster's Pullkeeper's work, or yours.

Usage: pullkeeper inject -f FILE --docker-config FILE [flags]

Flags:
${describeFlags(FLAGS)}

Examples:
  pullkeeper inject -f deployment.yaml --docker-config ~/.docker/config.json | kubectl apply -f -
  helm template web ./chart | pullkeeper inject -f - --docker-config config.json > web.yaml

Exit status: 0 when the manifests are written, 1 when something could not be read or edited (nothing is written then),
2 for wrong flags.
`;
}
