import type { CertificateProblem } from './certificate-problem.ts';
import type { ServingCertificate } from './serving-certificate.ts';

/** Where the HTTPS server's certificate comes from: files, or the Secret that Pullkeeper manages itself. */
export interface CertificateSource {
  /** The certificate to serve; undefined until there has been a good one. It never goes back to undefined. */
  current(): ServingCertificate | undefined;
  /** Calls the listener with every later certificate, once it has proved good; not with the current one. */
  onChange(listener: (certificate: ServingCertificate) => void): void;
  health(): CertificateHealth;
  /** Ends watching. The last certificate stays. */
  stop(): Promise<void>;
}

/** For /readyz and metrics. Dates are wall time. */
export interface CertificateHealth {
  /** Of the certificate being served. */
  readonly notAfter: Date | undefined;
  /** When the certificate being served was taken up; that of the first one too. */
  readonly lastRotation: Date | undefined;
  /** Why what is offered now is not used; undefined when what is offered is what is served. */
  readonly lastError: CertificateProblem | undefined;
}

export interface CertificateReadiness {
  readonly ready: boolean;
  readonly code: 'served' | 'missing' | 'expired';
  readonly sentence: string;
}

/**
 * Whether API servers can call this process: an offered certificate that is broken does not stop a good one.
 *
 * | served     | ready | code    |
 * |------------|-------|---------|
 * | nothing    | no    | missing |
 * | until past | no    | expired |
 * | until later| yes   | served  |
 */
export function readCertificateReadiness(health: CertificateHealth, now: Date): CertificateReadiness {
  const { notAfter, lastError } = health;
  const because = lastError === undefined ? '' : `: ${lastError.sentence}`;
  if (notAfter === undefined) {
    return { ready: false, code: 'missing', sentence: `there is no serving certificate yet${because}` };
  }
  if (notAfter <= now) {
    const sentence = `the serving certificate expired at ${notAfter.toISOString()}${because}`;
    return { ready: false, code: 'expired', sentence };
  }
  return { ready: true, code: 'served', sentence: `the serving certificate is good until ${notAfter.toISOString()}` };
}
