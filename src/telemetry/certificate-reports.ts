import type { RotationStep, RotationTrouble } from '../core/tls/rotation-outcome.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { Events } from './reports.ts';

/** The certificate being served, as tls/ has it. */
interface ServedCertificate {
  readonly fingerprint: string;
  readonly notAfter: Date;
}

interface CertificateHealth {
  readonly notAfter: Date | undefined;
  readonly lastRotation: Date | undefined;
  readonly lastError: { readonly code: string } | undefined;
}

/** Tells of the webhook's certificate: a log line, a metric, and an Event on Pullkeeper's own namespace. */
export interface CertificateReports {
  /** @param isServing whether a good certificate goes on being served */
  refused(problem: { readonly code: string; readonly sentence: string }, isServing: boolean): void;
  changed(certificate: ServedCertificate): void;
  step(step: RotationStep): void;
  trouble(trouble: RotationTrouble): void;
  /** Sets the metrics, right before they are read. */
  measure(health: CertificateHealth): void;
}

export interface CertificateReportsOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly events: Events;
  /** Pullkeeper's own namespace; the uid is empty while it is not known. */
  readonly namespace: () => { readonly name: string; readonly uid: string };
}

/** Normal at the start of every installation, where a replica waits for its first certificate; later a fault. */
const BEFORE_THE_FIRST = new Set(['missing', 'not-trusted']);

export function createCertificateReports(options: CertificateReportsOptions): CertificateReports {
  const { logger, metrics, events } = options;

  function tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { name, uid } = options.namespace();
    events.record({ apiVersion: 'v1', kind: 'Namespace', name, namespace: name, uid }, { type, reason, message });
  }

  return {
    refused: ({ code, sentence }, isServing) => {
      if (!isServing && BEFORE_THE_FIRST.has(code)) {
        logger.info({ code, reason: sentence }, 'waiting for a certificate');
        return;
      }
      logger.error({ code, reason: sentence }, 'certificate refused');
      tell('Warning', 'CertificateRefused', sentence);
    },
    changed: ({ fingerprint, notAfter }) => logger.info({ fingerprint, notAfter }, 'certificate changed'),
    step: ({ code, sentence }) => {
      metrics.certificateSteps.inc({ code });
      logger.info({ code, reason: sentence }, 'certificate rotation');
      tell('Normal', 'CertificateRotation', sentence);
    },
    trouble: ({ code, sentence }) => {
      metrics.certificateTroubles.inc({ code });
      logger.warn({ code, reason: sentence }, 'certificate rotation held up');
      // A conflict is how two writers notice each other: it is read again at once.
      if (code !== 'conflict') tell('Warning', 'CertificateRotationHeldUp', sentence);
    },
    measure: ({ notAfter, lastRotation, lastError }) => {
      metrics.certificateExpiry.set((notAfter?.getTime() ?? 0) / 1000);
      metrics.certificateLastRotation.set((lastRotation?.getTime() ?? 0) / 1000);
      metrics.certificateLastError.reset();
      if (lastError !== undefined) metrics.certificateLastError.set({ code: lastError.code }, 1);
    },
  };
}
