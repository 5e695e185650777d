import type { ControllerOwner } from '../core/pod/controller-owner.ts';
import type { Decision } from '../core/pod/reasons.ts';
import type { Plan } from '../core/secret/plan.ts';
import type { Keyring } from '../core/sources/keyring.ts';
import type { Source } from '../core/sources/source.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** One answered review. */
export interface AnsweredReview {
  readonly uid: string;
  readonly namespace: string;
  readonly pod: string;
  readonly dryRun: boolean;
  readonly controller: ControllerOwner | undefined;
  readonly outcome: { readonly decision: Decision; readonly secret: string; readonly warnings: readonly string[] };
  readonly durationMs: number;
}

/** Events, as kube/events.ts makes them. */
export interface Events {
  record(
    object: {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
      readonly namespace: string;
      readonly uid: string;
    },
    note: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
  ): void;
}

/** Tells what happens in every way that people look for it: a log line, a metric, an Event on the object concerned. */
export interface Reports {
  answered(review: AnsweredReview): void;
  source(name: string, uid: string, source: Source | undefined): void;
  keyring(keyring: Keyring): void;
  planned(namespace: { readonly name: string; readonly uid: string }, plan: Plan): void;
  deletedBySomebody(namespace: { readonly name: string; readonly uid: string }): void;
  writeFailed(namespace: { readonly name: string; readonly uid: string }, reason: string, message: string): void;
}

export interface ReportsOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly events: Events;
  /** Whether this replica leads. What all replicas see alike becomes an Event of the leader only. */
  readonly isLeading: () => boolean;
  readonly ownNamespace: string;
  readonly secretName: string;
}

export function createReports(options: ReportsOptions): Reports {
  const { logger, metrics, events, ownNamespace, secretName } = options;
  const keyringsTold = new WeakSet<Keyring>();
  const sourceUids = new Map<string, string>();

  function onNamespace(
    { name, uid }: { readonly name: string; readonly uid: string },
    reason: string,
    message: string,
  ): void {
    const object = { apiVersion: 'v1', kind: 'Namespace', name, namespace: name, uid };
    events.record(object, { type: 'Warning', reason, message: `Secret ${name}/${secretName}: ${message}` });
  }

  function onSource(name: string, reason: string, message: string): void {
    if (!options.isLeading()) return;
    const object = { apiVersion: 'v1', kind: 'Secret', name, namespace: ownNamespace, uid: sourceUids.get(name) ?? '' };
    events.record(object, { type: 'Warning', reason, message });
  }

  return {
    answered: ({ outcome, ...review }) => {
      metrics.reviews.inc({ decision: outcome.decision.code, secret: outcome.secret });
      metrics.reviewSeconds.observe(review.durationMs / 1000);
      logger.info(
        {
          uid: review.uid,
          namespace: review.namespace,
          pod: review.pod,
          action: outcome.decision.action,
          code: outcome.decision.code,
          reason: outcome.decision.sentence,
          secret: outcome.secret,
          ms: Math.round(review.durationMs * 100) / 100,
          ...(review.dryRun ? { dryRun: true } : {}),
        },
        'admission',
      );
      // Who deploys by a controller sees no admission warning.
      if (review.controller === undefined || review.dryRun || !isKnownToBeEnabled(outcome.decision)) return;
      for (const message of outcome.warnings) {
        const object = { ...review.controller, namespace: review.namespace };
        events.record(object, { type: 'Warning', reason: 'PullSecretNotAdded', message });
      }
    },
    source: (name, uid, source) => {
      if (source === undefined) {
        metrics.sourceRefusals.remove({ source: name });
        sourceUids.delete(name);
        logger.info({ source: name }, 'source removed');
        return;
      }
      sourceUids.set(name, uid);
      logger.info({ source: name, scope: source.scope.kind, registries: source.entries.length }, 'source read');
      // A pull Secret without a scope is nobody's source: nothing of it is refused.
      if (source.scope.kind === 'none') {
        metrics.sourceRefusals.remove({ source: name });
        return;
      }
      metrics.sourceRefusals.set({ source: name }, source.refusals.length);
      for (const { code, where, sentence } of source.refusals.slice(0, MOST_TOLD)) {
        logger.warn({ source: name, code, where, reason: sentence }, 'source refused in part or whole');
        onSource(name, 'SourceRefused', `${where}: ${sentence}`);
      }
    },
    keyring: (keyring) => {
      if (keyringsTold.has(keyring)) return;
      keyringsTold.add(keyring);
      for (const { registry, winner, losers } of keyring.conflicts) {
        for (const { source, reason, differs } of losers) {
          metrics.registryConflicts.inc({ reason });
          if (!differs) continue;
          logger.warn({ registry, winner, source, reason }, 'two sources hold one registry');
          const why = reason === 'scope' ? 'its scope names the namespace more closely' : 'its name comes first';
          onSource(
            source,
            'RegistryConflict',
            `${registry}: in some namespaces source ${winner} is used instead: ${why}`,
          );
        }
      }
    },
    planned: (namespace, plan) => {
      metrics.secretPlans.inc({ action: plan.action, code: plan.code });
      const fields = { namespace: namespace.name, action: plan.action, code: plan.code, reason: plan.sentence };
      if (plan.action === 'leave' && plan.code !== 'too-large') logger.debug(fields, 'managed Secret');
      else logger.info(fields, 'managed Secret');
      const reason = EVENT_REASONS[plan.code];
      if (reason !== undefined) onNamespace(namespace, reason, plan.sentence);
    },
    deletedBySomebody: (namespace) => {
      logger.warn({ namespace: namespace.name }, 'managed Secret was deleted by somebody');
      if (options.isLeading())
        onNamespace(namespace, 'PullSecretDeleted', 'it was deleted by somebody and is put back');
    },
    writeFailed: (namespace, reason, message) => {
      metrics.reconcileErrors.inc({ reason });
      logger.warn({ namespace: namespace.name, reason, error: message }, 'managed Secret could not be written');
    },
  };
}

/** How many of one source's refusals are logged: nobody reads more lines, and the metric has their number. */
const MOST_TOLD = 100;

/** The plans that people of the namespace should see as an Event, with its reason. */
const EVENT_REASONS: Partial<Readonly<Record<Plan['code'], string>>> = {
  'foreign-secret': 'PullSecretConflict',
  'too-large': 'PullSecretTooLarge',
  edited: 'PullSecretEdited',
  'wrong-type': 'PullSecretReplaced',
  immutable: 'PullSecretReplaced',
};

/** Anybody can send a review for any namespace, so Events are sent only for namespaces that are known to be enabled. */
function isKnownToBeEnabled(decision: Decision): boolean {
  return decision.action === 'inject' || ENABLED_CODES.has(decision.code);
}

const ENABLED_CODES: ReadonlySet<Decision['code']> = new Set(['strict-account', 'foreign-secret', 'no-credential']);
