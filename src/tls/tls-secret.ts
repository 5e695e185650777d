import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { AuthorityView, HeldView, Lifetime } from '../core/tls/rotation-plan.ts';
import { isIssuedBy, readBundle } from './ca-bundle.ts';
import type { IssuedPair } from './issue.ts';

/** The Secret as it goes over the wire: `data` in base64. */
export interface TlsSecret {
  readonly data: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Entries of the Secret, all PEM: the CA that leaves are issued under, the CA that follows it, the CAs of the past that
 * are still trusted (certificates alone), and the leaf.
 */
const ENTRIES = {
  caCert: 'ca.crt',
  caKey: 'ca.key',
  nextCert: 'next-ca.crt',
  nextKey: 'next-ca.key',
  oldCerts: 'old-ca.crt',
  leafCert: 'tls.crt',
  leafKey: 'tls.key',
} as const;

/** What a replica serves from: the leaf and its key. */
export const LEAF_ENTRIES: readonly string[] = [ENTRIES.leafCert, ENTRIES.leafKey];

/**
 * When the next CA was seen in every live caBundle, RFC 3339. Not under `pullkeeper.dev/`: that makes a Secret of our
 * namespace a source, which our own webhook would judge, and refuse.
 */
const NEXT_LIVE_SINCE = 'tls.pullkeeper.dev/next-ca-live-since';

/** The Secret's content as PEM; a missing entry is empty. */
export interface HeldMaterial {
  readonly ca: IssuedPair;
  readonly next: IssuedPair;
  readonly oldCerts: string;
  readonly leaf: IssuedPair;
  /** ms since the epoch. */
  readonly nextLiveSince: number | undefined;
}

export const NO_PAIR: IssuedPair = { certPem: '', keyPem: '' };

export function decodeTlsSecret(secret: TlsSecret | undefined): HeldMaterial {
  const entry = (name: string): string => Buffer.from(secret?.data[name] ?? '', 'base64').toString('utf8');
  const since = Date.parse(secret?.annotations[NEXT_LIVE_SINCE] ?? '');
  return {
    ca: { certPem: entry(ENTRIES.caCert), keyPem: entry(ENTRIES.caKey) },
    next: { certPem: entry(ENTRIES.nextCert), keyPem: entry(ENTRIES.nextKey) },
    oldCerts: entry(ENTRIES.oldCerts),
    leaf: decodeLeaf(secret?.data ?? {}),
    nextLiveSince: Number.isNaN(since) ? undefined : since,
  };
}

/** The serving pair alone: all that a replica reads. */
export function decodeLeaf(data: Readonly<Record<string, string>>): IssuedPair {
  const entry = (name: string): string => Buffer.from(data[name] ?? '', 'base64').toString('utf8');
  return { certPem: entry(ENTRIES.leafCert), keyPem: entry(ENTRIES.leafKey) };
}

/** The whole Secret; empty entries are left out. */
export function encodeTlsSecret(material: HeldMaterial): TlsSecret {
  const entries = [
    [ENTRIES.caCert, material.ca.certPem],
    [ENTRIES.caKey, material.ca.keyPem],
    [ENTRIES.nextCert, material.next.certPem],
    [ENTRIES.nextKey, material.next.keyPem],
    [ENTRIES.oldCerts, material.oldCerts],
    [ENTRIES.leafCert, material.leaf.certPem],
    [ENTRIES.leafKey, material.leaf.keyPem],
  ] as const;
  const { nextLiveSince } = material;
  return {
    data: Object.fromEntries(
      entries.filter(([, text]) => text !== '').map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
    ),
    annotations: nextLiveSince === undefined ? {} : { [NEXT_LIVE_SINCE]: new Date(nextLiveSince).toISOString() },
  };
}

/** The sound parts of the material, for the plan. Whether they have expired is for the plan to judge. */
export function viewMaterial(material: HeldMaterial, names: readonly string[]): HeldView {
  const [ca] = readBundle(material.ca.certPem);
  const next = viewAuthority(material.next);
  return {
    ca: viewAuthority(material.ca),
    next: next?.hasKey === true ? next : undefined,
    old: readBundle(material.oldCerts).map(({ id }) => id),
    leaf: ca === undefined ? undefined : viewLeaf(material.leaf, ca.certificate, names),
    nextLiveSince: material.nextLiveSince,
  };
}

function viewAuthority({ certPem, keyPem }: IssuedPair): AuthorityView | undefined {
  const [authority] = readBundle(certPem);
  if (authority === undefined || !authority.certificate.ca) return undefined;
  return { id: authority.id, ...lifetime(authority.certificate), hasKey: isKeyOf(authority.certificate, keyPem) };
}

function viewLeaf(pair: IssuedPair, ca: X509Certificate, names: readonly string[]): Lifetime | undefined {
  const certificate = readBundle(pair.certPem)[0]?.certificate;
  if (certificate === undefined || !isKeyOf(certificate, pair.keyPem) || !isIssuedBy(certificate, ca)) return undefined;
  const isForAll = names.every(
    (name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined,
  );
  return isForAll ? lifetime(certificate) : undefined;
}

function isKeyOf(certificate: X509Certificate, keyPem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

function lifetime({ validFromDate, validToDate }: X509Certificate): Lifetime {
  return { notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
}
