import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { backdateMs, X509_STEP_MS } from '../core/tls/rotation-durations.ts';

/** A certificate and its key, PEM. The key is a credential. */
export interface IssuedPair {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface Life {
  /** Wall time, ms since the epoch. */
  readonly now: number;
  readonly lifeMs: number;
}

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** The names by which API servers (the first) and people in the cluster reach a Service. */
export function listServiceNames(service: string, namespace: string): readonly string[] {
  const name = `${service}.${namespace}`;
  return [`${name}.svc`, `${name}.svc.cluster.local`, name];
}

/**
 * A self-signed CA that may sign leaves and nothing else. Its name is its own (the serial number is in it), so that two
 * CAs in one bundle are never taken for each other.
 */
export async function createAuthority(life: Life): Promise<IssuedPair> {
  // It takes 60 ms to load: only who issues pays for it.
  const x509 = await import('@peculiar/x509');
  const keys = await generateKeys();
  const serialNumber = drawSerialNumber();
  const name = `CN=Pullkeeper CA ${serialNumber}`;
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber,
      subject: name,
      issuer: name,
      ...validity(life, Infinity),
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: SIGNING_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certPem: toPemFile(certificate.toString('pem')), keyPem: exportKey(keys.privateKey) };
}

/**
 * A serving certificate under `authority`, for DNS names and IP addresses. It ends with its CA if that ends first.
 *
 * @throws when the authority's pair cannot be read
 */
export async function issueLeaf(authority: IssuedPair, names: readonly string[], life: Life): Promise<IssuedPair> {
  const x509 = await import('@peculiar/x509');
  const issuer = new x509.X509Certificate(authority.certPem);
  const signingKey = createPrivateKey(authority.keyPem).toCryptoKey(KEY_ALGORITHM, false, ['sign']);
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: drawSerialNumber(),
      // API servers look at the alternative names alone, and a common name holds 64 characters: theirs may not fit.
      subject: 'CN=Pullkeeper webhook',
      issuer: issuer.subjectName,
      ...validity(life, issuer.notAfter.getTime()),
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: SIGNING_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth], false),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
          false,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certPem: toPemFile(certificate.toString('pem')), keyPem: exportKey(keys.privateKey) };
}

function validity({ now, lifeMs }: Life, latestEnd: number): { notBefore: Date; notAfter: Date } {
  const notBefore = Math.floor((now - backdateMs(lifeMs)) / X509_STEP_MS) * X509_STEP_MS;
  return { notBefore: new Date(notBefore), notAfter: new Date(Math.min(notBefore + lifeMs, latestEnd)) };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
}

/** 126 random bits, positive and of 16 bytes always (RFC 5280, 4.1.2.2: positive, 20 bytes at most). */
function drawSerialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

function exportKey(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' });
}

function toPemFile(pem: string): string {
  return `${pem.trim()}\n`;
}
