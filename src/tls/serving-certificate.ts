import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { certificateProblem, type CertificateProblem } from './certificate-problem.ts';
import { splitPem } from './pem.ts';
import { findContextFault } from './secure-context.ts';

/** A pair that has proved good: it parses, belongs together, is in its time, and TLS takes it. */
export interface ServingCertificate {
  /** Leaf first, then its intermediates. */
  readonly certPem: string;
  /** A credential: goes nowhere but into the TLS context. */
  readonly keyPem: string;
  readonly notBefore: Date;
  /** The earliest end in the chain. */
  readonly notAfter: Date;
  /** The leaf's SHA-256, as `openssl x509 -fingerprint -sha256` prints it. */
  readonly fingerprint: string;
}

export interface PairNames {
  readonly cert: string;
  readonly key: string;
}

export type PairReading =
  | { readonly kind: 'good'; readonly certificate: ServingCertificate }
  | { readonly kind: 'bad'; readonly problem: CertificateProblem };

/** id-kp-serverAuth and anyExtendedKeyUsage (RFC 5280, 4.2.1.12): what Go's x509 verifier asks of a server's leaf. */
const SERVER_USAGES = ['1.3.6.1.5.5.7.3.1', '2.5.29.37.0'];

/**
 * Judges a pair as an API server would, short of trust: which CA is trusted is not known here.
 *
 * @param names where the two came from, for the sentence
 * @param now wall time
 */
export function readServingPair(certPem: string, keyPem: string, names: PairNames, now: Date): PairReading {
  const chain: X509Certificate[] = [];
  for (const [index, block] of splitPem(certPem, 'CERTIFICATE').entries()) {
    const certificate = parseCertificate(block);
    if (certificate === undefined) return bad(certificateProblem.notACertificate(names.cert, index + 1));
    chain.push(certificate);
  }
  const leaf = chain[0];
  if (leaf === undefined) return bad(certificateProblem.notPem(names.cert));
  const key = parseKey(keyPem, names.key);
  if ('code' in key) return bad(key);

  const problem =
    (leaf.checkPrivateKey(key) ? undefined : certificateProblem.keyMismatch(names.cert, names.key)) ??
    findChainFault(chain, names.cert) ??
    findTimeFault(chain, names.cert, now) ??
    findPurposeFault(leaf, names.cert);
  if (problem !== undefined) return bad(problem);
  const fault = findContextFault({ certPem, keyPem });
  if (fault !== undefined) return bad(certificateProblem.contextRefused(names.cert, fault));

  const notAfter = new Date(Math.min(...chain.map((certificate) => certificate.validToDate.getTime())));
  return {
    kind: 'good',
    certificate: { certPem, keyPem, notBefore: leaf.validFromDate, notAfter, fingerprint: leaf.fingerprint256 },
  };
}

function bad(problem: CertificateProblem): PairReading {
  return { kind: 'bad', problem };
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function parseKey(pem: string, name: string): KeyObject | CertificateProblem {
  try {
    return createPrivateKey(pem);
  } catch {
    // PKCS #8's label, and the header of the older format: OpenSSL's error does not tell this case reliably.
    const isEncrypted = /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(pem);
    return isEncrypted ? certificateProblem.keyEncrypted(name) : certificateProblem.notAKey(name);
  }
}

function findChainFault(chain: readonly X509Certificate[], name: string): CertificateProblem | undefined {
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer === undefined) break;
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
      return certificateProblem.chainOrder(name, index + 1);
    }
  }
  return undefined;
}

function findTimeFault(chain: readonly X509Certificate[], name: string, now: Date): CertificateProblem | undefined {
  for (const [index, { validFromDate, validToDate }] of chain.entries()) {
    if (now >= validToDate) return certificateProblem.expired(name, index + 1, validToDate);
    if (now < validFromDate) return certificateProblem.notYetValid(name, index + 1, validFromDate);
  }
  return undefined;
}

function findPurposeFault(leaf: X509Certificate, name: string): CertificateProblem | undefined {
  if (leaf.subjectAltName === undefined) return certificateProblem.noNames(name);
  // Node calls the extended key usage keyUsage; a certificate without it is good for everything.
  const usages: readonly string[] | undefined = leaf.keyUsage;
  if (usages !== undefined && !usages.some((usage) => SERVER_USAGES.includes(usage))) {
    return certificateProblem.notForServers(name);
  }
  return undefined;
}
