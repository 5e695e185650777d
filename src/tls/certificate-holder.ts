import type { Clock } from '../core/clock.ts';
import { certificateProblem, type CertificateProblem } from './certificate-problem.ts';
import type { CertificateHealth } from './certificate-source.ts';
import type { ServingCertificate } from './serving-certificate.ts';

/** The certificate being served, and what became of what was offered after it. */
export interface CertificateHolder {
  current(): ServingCertificate | undefined;
  onChange(listener: (certificate: ServingCertificate) => void): void;
  health(): CertificateHealth;
  /** Takes up a certificate that has proved good, and tells the listeners. */
  adopt(certificate: ServingCertificate): void;
  /** What is offered is what is served. */
  confirm(): void;
  /** Keeps what is served. Told once for each problem and each offered content (`offered`: its certificate, PEM). */
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
