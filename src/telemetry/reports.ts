import type { Decision } from '../core/pod/reasons.ts';
import type { Source } from '../core/sources/source.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** One answered review. */
export interface AnsweredReview {
  readonly uid: string;
  readonly namespace: string;
  readonly pod: string;
  readonly dryRun: boolean;
  readonly outcome: { readonly decision: Decision; readonly secret: string };
  readonly durationMs: number;
}

export function reportOutcome(report: AnsweredReview, logger: Logger, metrics: Metrics): void {
  const { outcome } = report;
  metrics.reviews.inc({ decision: outcome.decision.code, secret: outcome.secret });
  metrics.reviewSeconds.observe(report.durationMs / 1000);
  logger.info(
    {
      uid: report.uid,
      namespace: report.namespace,
      pod: report.pod,
      action: outcome.decision.action,
      code: outcome.decision.code,
      reason: outcome.decision.sentence,
      secret: outcome.secret,
      ms: Math.round(report.durationMs * 100) / 100,
      ...(report.dryRun ? { dryRun: true } : {}),
    },
    'admission',
  );
}

export function reportSource(name: string, source: Source | undefined, logger: Logger, metrics: Metrics): void {
  if (source === undefined) {
    metrics.sourceRefusals.remove({ source: name });
    logger.info({ source: name }, 'source removed');
    return;
  }
  metrics.sourceRefusals.set({ source: name }, source.refusals.length);
  logger.info({ source: name, scope: source.scope.kind, registries: source.entries.length }, 'source read');
  for (const { code, where, sentence } of source.refusals) {
    logger.warn({ source: name, code, where, reason: sentence }, 'source entry refused');
  }
}
