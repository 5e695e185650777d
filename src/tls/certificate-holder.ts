import type { Clock } from '../core/clock.ts';
import { certificateProblem, type CertificateProblem } from './certificate-problem.ts';
import type { CertificateHealth } from './certificate-source.ts';
import type { ServingCertificate } from './serving-certificate.ts';

/** Holds the certificate being served, and knows what became of later offers. */
export interface CertificateHolder {
  current(): ServingCertificate | undefined;
  onChange(listener: (certificate: ServingCertificate) => void): void;
  health(): CertificateHealth;
  /** Takes up a certificate that has proved good, and tells the listeners. */
  adopt(certificate: ServingCertificate): void;
  /** The certificate on offer is the one being served: all is well again. */
  confirm(): void;
  /** Keeps what is served, and reports the problem once for each offer. `offered` is the offered certificate, PEM. */
  reject(problem: CertificateProblem, offered: string): void;
}

/** @param onProblem called when what is offered cannot be used: once for each content and each reason */
export function createCertificateHolder(
  clock: Clock,
  onProblem: (problem: CertificateProblem) => void,
): CertificateHolder {
  const listeners: ((certificate: ServingCertificate) => void)[] = [];
  let current: ServingCertificate | undefined;
  let lastRotation: Date | undefined;
  let lastError: CertificateProblem | undefined;
  let lastReport = '';

  function confirm(): void {
    lastError = undefined;
    lastReport = '';
  }

  function reject(problem: CertificateProblem, offered: string): void {
    lastError = problem;
    const report = `${problem.sentence}\n${offered}`;
    if (report === lastReport) return;
    lastReport = report;
    onProblem(problem);
  }

  function adopt(certificate: ServingCertificate): void {
    current = certificate;
    lastRotation = new Date(clock.wallTime());
    confirm();
    for (const listener of listeners) {
      try {
        listener(certificate);
      } catch (error) {
        const detail = error instanceof Error ? error.name : 'unknown';
        reject(certificateProblem.contextRefused('the new serving certificate', detail), certificate.certPem);
      }
    }
  }

  return {
    current: () => current,
    onChange: (listener) => void listeners.push(listener),
    health: () => ({ notAfter: current?.notAfter, lastRotation, lastError }),
    adopt,
    confirm,
    reject,
  };
}
