import type { Plan } from './core/secret/plan.ts';
import { createTokenBuckets } from './core/token-buckets.ts';
import type { Clock, Random } from './core/clock.ts';
import { KubeError } from './kube/kube-error.ts';
import type { DesiredState, Namespace } from './reconcile/desired-state.ts';
import { createGraceTimes } from './reconcile/grace.ts';
import type { LiveSecrets } from './reconcile/live-secrets.ts';
import { createQueue } from './reconcile/queue.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import type { SecretWrites } from './reconcile/secret-writes.ts';

/** Keeps the managed Secrets of all namespaces as they should be. One replica at a time does so. */
export interface Controller {
  /** Something of this namespace may have changed. Costs nothing while this replica does not lead. */
  wake(namespace: string): void;
  /** Works as long as this replica leads. */
  lead(leadership: { readonly signal: AbortSignal; isLeader(): boolean }): Promise<void>;
  queueDepth(): number;
  retrying(): number;
}

export interface ControllerOptions {
  readonly desired: DesiredState;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly live: LiveSecrets;
  readonly writes: SecretWrites;
  readonly removalGraceMs: number;
  /** Whether a namespace that is not enabled was seen to be, less than the removal grace ago. */
  readonly wasEnabled: (namespace: Namespace) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** Resolves when everything known has been listed after this call: a new leader must not write from older knowledge. */
  readonly refresh: (signal: AbortSignal) => Promise<void>;
  readonly onPlan: (namespace: string, plan: Plan) => void;
  readonly onError: (namespace: string, error: unknown) => void;
}

/**
 * Writes under way at once. The API server's priority levels give a service account some tens of seats; more writes than
 * that queue there instead of here.
 */
const CONCURRENCY = 24;
/**
 * A write takes milliseconds. One that hangs, as where somebody's webhook for Secrets does not answer, lets others have its
 * place after this long: with so many as hang in a row before it, a namespace waits a second for each 24 of them.
 */
const PATIENCE_MS = 1000;
/**
 * One namespace's Secret may be written ten times at once, then once in 3 s. That is less than the 5 s within which it must
 * be right again, and 30 writes in the first minute at most, however often somebody deletes it.
 */
const WRITE_PACE = { burst: 10, intervalMs: 3000 };

export function createController(options: ControllerOptions): Controller {
  const { clock, random } = options;
  let leadership: { isLeader(): boolean } | undefined;
  const grace = createGraceTimes(options.removalGraceMs, clock);
  const reconciler = createReconciler({
    ...options,
    grace,
    pace: createTokenBuckets(WRITE_PACE),
    mayWrite: () => leadership?.isLeader() === true,
    onTrouble: options.onError,
  });
  const queue = createQueue({
    work: (namespace, signal) => reconciler.reconcile(namespace, signal),
    onError: options.onError,
    onGivenUp: (namespace, afterMs) => {
      const message = `no answer after ${Math.round(afterMs)} ms; given up, since others waited for their turn`;
      options.onError(namespace, new KubeError(0, 'Slow', message));
    },
    concurrency: CONCURRENCY,
    patienceMs: PATIENCE_MS,
    // What one namespace suffers from (a quota, a policy) is rarely over in a minute; a change of it wakes it earlier.
    backoff: { baseMs: 200, maxMs: 60_000 },
    // With the API server back, Secrets are right within 5 s, of which hundreds of writes need the larger part. After a
    // pause one key tries alone, so an API server in trouble is asked once a second.
    pauses: { baseMs: 100, maxMs: 1000 },
    clock,
    random,
  });

  /** A namespace that is not enabled and has no Secret of ours has nothing to lose and nothing to gain. */
  function concerns(name: string): boolean {
    const namespace = options.namespaces.get(name);
    return (namespace !== undefined && options.desired.isEnabled(namespace)) || options.live.get(name)?.owned === true;
  }

  return {
    wake: (name) => {
      if (leadership === undefined) return;
      if (concerns(name)) queue.add(name);
      else grace.forget(name);
    },
    lead: async (term) => {
      await options.refresh(term.signal);
      if (term.signal.aborted) return;
      grace.clear();
      leadership = term;
      for (const name of options.namespaces.keys()) if (concerns(name)) queue.add(name);
      try {
        await queue.run(term.signal);
      } finally {
        leadership = undefined;
      }
    },
    // What was left when the leadership ended is another replica's.
    queueDepth: () => (leadership === undefined ? 0 : queue.depth()),
    retrying: () => queue.retrying(),
  };
}

export function reasonOf(error: unknown): string {
  return error instanceof KubeError ? error.reason : 'Unexpected';
}
