import { isIP } from 'node:net';
import { findRotationProblems, type RotationDurations } from './core/tls/rotation-durations.ts';
import { isDnsSubdomain } from './core/dns-name.ts';
import { readDuration } from './duration.ts';
import type { Flag, ParsedFlags } from './flags.ts';

/** Where the webhook's certificate comes from. */
export type CertificateConfig =
  | { readonly mode: 'files'; readonly certFile: string; readonly keyFile: string }
  | {
      readonly mode: 'self-managed';
      readonly durations: RotationDurations;
      /** DNS names and IP addresses that the certificate is for, beside the Service's names. */
      readonly extraNames: readonly string[];
    };

/** The default durations are those of core/tls, written in hours; config.test.ts checks that they are the same. */
export const CERTIFICATE_FLAGS: readonly Flag[] = [
  {
    name: 'tls-cert-file',
    value: 'FILE',
    help: 'The serving certificate, PEM, leaf first, read again when it changes. Without it Pullkeeper issues its own, renews it, and keeps the caBundle of its webhook configurations.',
  },
  { name: 'tls-key-file', value: 'FILE', help: 'The private key of --tls-cert-file, PEM.' },
  {
    name: 'tls-extra-san',
    value: 'NAMES',
    help: "DNS names and IP addresses, comma-separated, that the certificate which Pullkeeper issues is for beside its Service's names: for a webhook that is called by URL.",
  },
  {
    name: 'ca-duration',
    value: 'DURATION',
    default: '8760h',
    help: 'How long a CA that Pullkeeper issues lives. It is followed by another after two thirds of that.',
  },
  {
    name: 'leaf-duration',
    value: 'DURATION',
    default: '720h',
    help: 'How long a serving certificate that Pullkeeper issues lives. It is followed by another after two thirds of that.',
  },
  {
    name: 'bundle-settle',
    value: 'DURATION',
    default: '1m',
    help: 'From seeing a new CA in every caBundle to using it: API servers must have seen it too.',
  },
  {
    name: 'ca-overlap',
    value: 'DURATION',
    default: '24h',
    help: 'From using a new CA to trusting the old one no longer: every replica must have changed its certificate.',
  },
];

/** Adds what is wrong to `problems`, one sentence each. */
export function readCertificateConfig(flags: ParsedFlags, problems: string[]): CertificateConfig {
  const text = (name: string): string => flags.get(name) ?? '';
  const [certFile, keyFile] = [text('tls-cert-file'), text('tls-key-file')];
  if (certFile !== '' || keyFile !== '') {
    const [given, missing] = certFile === '' ? ['tls-key-file', 'tls-cert-file'] : ['tls-cert-file', 'tls-key-file'];
    if (certFile === '' || keyFile === '')
      problems.push(`--${missing}: is missing; --${given} is of no use without it`);
    return { mode: 'files', certFile, keyFile };
  }
  const before = problems.length;
  const duration = (name: string): number => readDuration(name, text(name), problems);
  const durations: RotationDurations = {
    caMs: duration('ca-duration'),
    leafMs: duration('leaf-duration'),
    settleMs: duration('bundle-settle'),
    overlapMs: duration('ca-overlap'),
  };
  if (problems.length === before) {
    const flagNames = '--ca-duration, --leaf-duration, --bundle-settle, --ca-overlap';
    problems.push(...findRotationProblems(durations).map((problem) => `${flagNames}: ${problem}`));
  }
  return { mode: 'self-managed', durations, extraNames: readNames('tls-extra-san', text('tls-extra-san'), problems) };
}

function readNames(flag: string, value: string, problems: string[]): readonly string[] {
  const names = value.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  for (const name of names) {
    if (isIP(name) !== 0 || isDnsSubdomain(name)) continue;
    problems.push(`--${flag}: ${JSON.stringify(name)} is neither a DNS name (lower-case) nor an IP address`);
  }
  return names;
}
