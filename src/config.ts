import { CERTIFICATE_FLAGS, readCertificateConfig, type CertificateConfig } from './certificate-flags.ts';
import { findDurationProblems, type ElectionDurations } from './core/lease/durations.ts';
import { parseSelector, type LabelSelector } from './core/sources/label-selector.ts';
import { readDuration } from './duration.ts';
import { describeFlags, HELP_FLAG, parseFlags, type Flag } from './flags.ts';
import { explainNamespaceFlag, explainSecretFlag } from './name-flags.ts';

/** What `pullkeeper serve` runs with; made once by {@link readConfig}, never changed. */
export interface Config {
  /** A kubeconfig's path; undefined: the in-cluster ServiceAccount. */
  readonly kubeconfig: string | undefined;
  readonly namespace: string;
  readonly secretName: string;
  readonly namespaceSelector: LabelSelector;
  readonly listen: ListenAddress;
  readonly opsListen: ListenAddress;
  readonly certificate: CertificateConfig;
  readonly logLevel: LogLevel;
  readonly removalGraceMs: number;
  readonly shutdownDelayMs: number;
  readonly lease: ElectionDurations;
}

export interface ListenAddress {
  /** Undefined: every address, IPv4 and IPv6. */
  readonly host: string | undefined;
  /** 0: any free port. */
  readonly port: number;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type ConfigResult =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

const FLAGS: readonly Flag[] = [
  {
    name: 'kubeconfig',
    value: 'FILE',
    help: 'How to reach the API server. Without it: the ServiceAccount that a Pod is given.',
  },
  {
    name: 'namespace',
    value: 'NAME',
    default: 'pullkeeper-system',
    help: "Pullkeeper's own namespace, which holds the sources.",
  },
  {
    name: 'secret-name',
    value: 'NAME',
    default: 'pullkeeper',
    help: 'The managed Secret in every enabled namespace. Fixed at install: the RBAC rules name it too.',
  },
  {
    name: 'namespace-selector',
    value: 'SELECTOR',
    default: 'pullkeeper.dev/inject in (enabled,always)',
    help: "Which namespaces are enabled, in kubectl's label selector syntax. Must be what the webhook configuration's namespaceSelector says. Never: Pullkeeper's own namespace, kube-system, kube-node-lease.",
  },
  {
    name: 'listen',
    value: '[HOST]:PORT',
    default: ':8443',
    help: 'Where the API server reaches the webhook, over HTTPS.',
  },
  {
    name: 'ops-listen',
    value: '[HOST]:PORT',
    default: ':8080',
    help: 'Where /livez, /readyz and /metrics are served, over HTTP.',
  },
  ...CERTIFICATE_FLAGS,
  {
    name: 'log-level',
    value: 'LEVEL',
    default: 'info',
    help: `One of ${LOG_LEVELS.join(', ')}. Logs are JSON lines on standard output.`,
  },
  {
    name: 'removal-grace',
    value: 'DURATION',
    default: '5m',
    help: 'How long a managed Secret keeps what was taken away: a deleted source, a narrowed scope, a namespace no longer enabled. As 30s, 5m, 1h30m; 0s: at once.',
  },
  {
    name: 'shutdown-delay',
    value: 'DURATION',
    default: '12s',
    help: 'How long to serve on after SIGTERM: the API server goes on to call a Pod for a while after its end began. SIGINT does not wait.',
  },
  {
    name: 'lease-duration',
    value: 'DURATION',
    default: '15s',
    help: 'One replica writes. When it has not renewed its Lease for this long, another takes over. Whole seconds.',
  },
  {
    name: 'lease-renew-deadline',
    value: 'DURATION',
    default: '10s',
    help: 'How long the replica that writes goes on while no renewal of its Lease succeeds.',
  },
  {
    name: 'lease-retry-period',
    value: 'DURATION',
    default: '2s',
    help: 'How often the Lease is renewed or looked at.',
  },
  HELP_FLAG,
];

/** Namespaces that are never enabled, whatever their labels: what the cluster itself needs must not depend on us. */
export function excludedNamespaces(ownNamespace: string): ReadonlySet<string> {
  return new Set([ownNamespace, 'kube-system', 'kube-node-lease']);
}

/** Flags and environment → Config, or every problem at once, one sentence each. */
export function readConfig(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): ConfigResult {
  const flags = parseFlags(FLAGS, argv, env);
  if (flags.has('help')) return { kind: 'help', text: helpText() };

  const problems = [...flags.problems];
  for (const word of flags.positionals) problems.push(`${word}: serve takes flags only`);
  const text = (name: string): string => flags.get(name) ?? '';

  const namespace = text('namespace');
  problems.push(...explainNamespaceFlag('namespace', namespace));
  const secretName = text('secret-name');
  problems.push(...explainSecretFlag('secret-name', secretName));
  const selector = parseSelector(text('namespace-selector'));
  if (selector.kind === 'invalid') problems.push(`--namespace-selector: ${selector.sentence}`);
  const listen = readListen('listen', text('listen'), problems);
  const opsListen = readListen('ops-listen', text('ops-listen'), problems);
  const certificate = readCertificateConfig(flags, problems);
  const logLevel = LOG_LEVELS.find((level) => level === text('log-level'));
  if (logLevel === undefined) {
    problems.push(`--log-level: ${quote(text('log-level'))} is not one of ${LOG_LEVELS.join(', ')}`);
  }

  const duration = (name: string): number => readDuration(name, text(name), problems);
  const removalGraceMs = duration('removal-grace');
  const shutdownDelayMs = duration('shutdown-delay');
  const lease: ElectionDurations = {
    leaseSeconds: duration('lease-duration') / 1000,
    renewDeadlineMs: duration('lease-renew-deadline'),
    retryPeriodMs: duration('lease-retry-period'),
  };
  if (problems.length === 0) problems.push(...findDurationProblems(lease).map((problem) => `--lease-…: ${problem}`));

  if (problems.length > 0 || selector.kind === 'invalid' || !listen || !opsListen || !logLevel) {
    return { kind: 'invalid', problems };
  }
  return {
    kind: 'config',
    config: {
      kubeconfig: flags.get('kubeconfig'),
      namespace,
      secretName,
      namespaceSelector: selector.selector,
      listen,
      opsListen,
      certificate,
      logLevel,
      removalGraceMs,
      shutdownDelayMs,
      lease,
    },
  };
}

function helpText(): string {
  return `pullkeeper serve: the webhook and the controller

Answers the API server's AdmissionReviews for Pods and keeps one pull Secret true in every enabled namespace.
Every flag can be given as the environment variable named beside it; the flag wins.

Usage: pullkeeper serve [flags]

Flags:
${describeFlags(FLAGS)}

Exit status: 0 after SIGTERM or SIGINT, 1 when it could not start or go on, 2 for wrong flags.
`;
}

function readListen(flag: string, value: string, problems: string[]): ListenAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(value);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    problems.push(`--${flag}: ${quote(value)} is not [HOST]:PORT, as :8443, 127.0.0.1:8443 or [::1]:8443`);
    return undefined;
  }
  const host = match[1] ?? match[2] ?? '';
  return { host: host === '' ? undefined : host, port };
}

function quote(text: string): string {
  return JSON.stringify(text);
}
