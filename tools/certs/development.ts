import { mkdir, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface DevelopmentCertificateOptions {
  /** DNS names and IP addresses that the leaf is for. */
  readonly hosts: readonly string[];
  readonly days: number;
  /** Where ca.crt, tls.crt and tls.key are written as well; made when it is missing. */
  readonly dir?: string;
  readonly now?: Date;
}

/** PEM. The CA's key is thrown away: whoever trusts this CA trusts these certificates and no others. */
export interface DevelopmentCertificates {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

const DAY_MS = 86_400_000;

/** A CA of its own and a leaf signed by it, for machines of developers and for tests; never for a cluster. */
export async function createDevelopmentCertificates(
  options: DevelopmentCertificateOptions,
): Promise<DevelopmentCertificates> {
  const now = (options.now ?? new Date()).getTime();
  const common = {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // A minute back: clocks of two programs on one machine agree better than that.
    notBeforeDate: new Date(now - 60_000),
    notAfterDate: new Date(now + options.days * DAY_MS),
  } as const;
  const ca = await generate([{ name: 'commonName', value: 'Pullkeeper development CA' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = await generate([{ name: 'commonName', value: 'Pullkeeper development' }], {
    ...common,
    ca: { cert: ca.cert, key: ca.private },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: options.hosts.map((host) =>
          isIP(host) === 0 ? { type: 2 as const, value: host } : { type: 7 as const, ip: host },
        ),
      },
    ],
  });
  const certificates = { caPem: ca.cert, certPem: leaf.cert, keyPem: leaf.private };
  if (options.dir !== undefined) await write(options.dir, certificates);
  return certificates;
}

async function write(dir: string, { caPem, certPem, keyPem }: DevelopmentCertificates): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'ca.crt'), caPem);
  await writeFile(join(dir, 'tls.crt'), certPem);
  await writeFile(join(dir, 'tls.key'), keyPem, { mode: 0o600 });
}
