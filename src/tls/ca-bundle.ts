import { X509Certificate } from 'node:crypto';
import { splitPem } from './pem.ts';

export interface BundledAuthority {
  /** SHA-256 of the certificate. */
  readonly id: string;
  readonly pem: string;
  readonly certificate: X509Certificate;
}

/** The certificates in a caBundle (PEM), in order. What cannot be read is passed over, as Go's AppendCertsFromPEM does. */
export function readBundle(pem: string): readonly BundledAuthority[] {
  return splitPem(pem, 'CERTIFICATE').flatMap((block) => {
    try {
      const certificate = new X509Certificate(block);
      return [{ id: certificate.fingerprint256, pem: `${block}\n`, certificate }];
    } catch {
      return [];
    }
  });
}

/**
 * Why a client that trusts this bundle alone would refuse a leaf for `serverName`; undefined when it would take it.
 *
 * @param leaf the leaf, and after it intermediates, PEM
 */
export function findTrustFault(leaf: string, bundlePem: string, serverName: string, now: Date): string | undefined {
  const chain = readBundle(leaf).map(({ certificate }) => certificate);
  const [first] = chain;
  if (first === undefined) return 'there is no certificate';
  if (first.checkHost(serverName) === undefined) return `it is not for ${serverName}`;
  const authorities = readBundle(bundlePem).map(({ certificate }) => certificate);
  if (authorities.length === 0) return 'the bundle is empty';
  const last = chain.at(-1) ?? first;
  const issuers = authorities.filter((authority) => isIssuedBy(last, authority));
  if (issuers.length === 0) return 'its CA is not in the bundle';
  if (!issuers.some(({ validFromDate, validToDate }) => validFromDate <= now && now < validToDate)) {
    return 'its CA is in the bundle but out of its time';
  }
  return undefined;
}

/** The id of the CA in this bundle that issued a leaf. */
export function findIssuer(leaf: string, bundlePem: string): string | undefined {
  const last = readBundle(leaf).at(-1)?.certificate;
  return readBundle(bundlePem).find(({ certificate }) => last !== undefined && isIssuedBy(last, certificate))?.id;
}

export function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}
