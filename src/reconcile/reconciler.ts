import type { DesiredContent, LiveSecret } from '../core/secret/managed-secret.ts';
import { planSecret, type Plan } from '../core/secret/plan.ts';
import type { TokenBuckets } from '../core/token-buckets.ts';
import type { Clock } from '../core/clock.ts';
import type { KeyringEntry } from '../core/sources/keyring.ts';
import type { DesiredState, Namespace } from './desired-state.ts';
import type { GraceTimes } from './grace.ts';
import type { LiveSecrets } from './live-secrets.ts';
import type { WorkResult } from './queue.ts';
import { isEverybodysTrouble, retryAfterMsOf, statusOf, type CallOptions, type SecretWrites } from './secret-writes.ts';

/** Makes one namespace's managed Secret what it should be: plan, write, and again where somebody was faster. */
export interface Reconciler {
  reconcile(namespace: string, signal: AbortSignal): Promise<WorkResult>;
}

export interface ReconcilerOptions {
  readonly desired: DesiredState;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly live: LiveSecrets;
  readonly writes: SecretWrites;
  readonly grace: GraceTimes;
  /** Whether a namespace that is not enabled was seen to be, less than the removal grace ago. */
  readonly wasEnabled: (namespace: Namespace) => boolean;
  /** How often one namespace's Secret may be written: who deletes it in a loop must not make us a part of the loop. */
  readonly pace: TokenBuckets;
  readonly clock: Pick<Clock, 'now'>;
  /** Asked right before each write: a leader that was paused must not write what is no longer so. */
  readonly mayWrite: () => boolean;
  readonly onPlan: (namespace: string, plan: Plan) => void;
  /** It is not the namespace's own trouble. */
  readonly onTrouble: (namespace: string, error: unknown) => void;
}

/** How often somebody may be faster than we are before the namespace waits its turn again. */
const ATTEMPTS = 4;
/**
 * API servers answer a write within 34 s (k8s.io/apiserver/pkg/endpoints/handlers, requestTimeoutUpperBound), and within that
 * wait for somebody's webhooks, each up to 30 s: one that does not answer and may be ignored lets the write succeed then. The
 * rest is for tries over a connection that may be silent (kube/line-guard.ts).
 */
const WRITE_MS = 45_000;
/**
 * A write takes milliseconds. Less than the queue's patience (controller.ts): of a try that is given up, nobody learns that the
 * line is dead.
 */
const SLOW_MS = 800;
/** A Secret that a finalizer holds is looked at again after this long; its deletion wakes the namespace earlier. */
const WAIT_MS = 5000;

/** The grace of the namespace itself, among those of its sources; no source's name is empty. */
const NAMESPACE_ITSELF = '';

interface Target {
  readonly content: DesiredContent;
  readonly enabled: boolean | 'grace' | 'unseen';
  /** When a grace that is running now ends: the namespace is looked at again then. */
  readonly recheckMs: number | undefined;
}

export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { desired, live, writes, grace } = options;

  async function findTarget(name: string, namespace: Namespace, call: CallOptions): Promise<Target> {
    const gone = new Set<string>();
    const times: number[] = [];
    function isInGrace(thing: string): boolean {
      gone.add(thing);
      const left = grace.left(name, thing);
      if (left > 0) times.push(left);
      return left > 0;
    }

    const seen = live.get(name);
    let enabled: Target['enabled'] = desired.isEnabled(namespace);
    // Of a Secret that others may have made, nothing is known but its label: it stays, and is given nothing.
    if (!enabled && seen?.owned === true && isInGrace(NAMESPACE_ITSELF)) {
      enabled = options.wasEnabled(namespace) ? 'grace' : 'unseen';
    }
    const kept = enabled === false || enabled === 'unseen' ? [] : desired.kept(namespace, seen);
    const keeping = kept.filter(({ source, why }) => why === 'refused' || isInGrace(source));
    grace.keepOnly(name, gone);

    const entries = keeping.length === 0 ? [] : await readKept(name, keeping, call);
    return {
      content: entries.length === 0 ? desired.content(namespace) : desired.contentWith(namespace, entries),
      enabled,
      recheckMs: times.length === 0 ? undefined : Math.min(...times),
    };
  }

  /** The credentials that stay are in the live Secret alone. What somebody edited meanwhile is not taken from there. */
  async function readKept(
    name: string,
    keeping: readonly { readonly source: string; readonly key: string }[],
    call: CallOptions,
  ): Promise<readonly KeyringEntry[]> {
    const held = await writes.readEntries(name, call);
    if (held === undefined) return [];
    live.observe(name, held.secret);
    if (!held.secret.owned || held.secret.contentHash !== held.secret.hashAnnotation) return [];
    return keeping.flatMap(({ source, key }) => {
      const entry = held.find(key);
      return entry === undefined ? [] : [{ ...entry, key, source }];
    });
  }

  async function plan(name: string, call: CallOptions): Promise<{ step: Plan; target: Target | undefined }> {
    const namespace = options.namespaces.get(name);
    const target = namespace === undefined ? undefined : await findTarget(name, namespace, call);
    const step = planSecret({
      namespace: namespace && { deleting: namespace.deleting, enabled: target?.enabled ?? false },
      desired: target?.content ?? desired.content({ name, labels: {} }),
      live: live.get(name),
    });
    return { step, target };
  }

  async function carryOut(name: string, content: DesiredContent, step: Plan, call: CallOptions): Promise<void> {
    switch (step.action) {
      case 'create':
        live.observe(name, await writes.create(name, content, call));
        return;
      case 'update':
        live.observe(name, await writes.update(name, content, step.live, call));
        return;
      case 'replace':
        await live.whileDeleting(name, step.live.uid, () => writes.delete(name, step.live, call));
        // With the content of this plan: what of it no source gives (any more), the next would not find in any Secret.
        if (options.mayWrite()) live.observe(name, await writes.create(name, content, call));
        return;
      case 'delete':
        await live.whileDeleting(name, step.live.uid, () => writes.delete(name, step.live, call));
        return;
      case 'leave':
      case 'conflict':
        return;
    }
  }

  /** 404 and 409: what we knew is not so (any more). Reads it anew; the next plan is made from that. */
  async function reread(name: string, call: CallOptions): Promise<void> {
    const secret: LiveSecret | undefined = await writes.get(name, call);
    if (secret === undefined) live.observeGone(name, live.get(name)?.uid);
    else live.observe(name, secret);
  }

  async function reconcile(name: string, signal: AbortSignal): Promise<WorkResult> {
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const result = await tryOnce(name, attempt, { signal });
        if (result !== undefined) return result;
      }
      return { kind: 'failed' };
    } catch (error) {
      if (signal.aborted) return { kind: 'failed' };
      if (!isEverybodysTrouble(error)) throw error;
      options.onTrouble(name, error);
      const atLeastMs = retryAfterMsOf(error);
      return { kind: 'pause', ...(atLeastMs === undefined ? {} : { atLeastMs }) };
    }
  }

  /** Undefined: what was known was not so any more, and is known better now. */
  async function tryOnce(name: string, attempt: number, call: CallOptions): Promise<WorkResult | undefined> {
    const { step, target } = await plan(name, call);
    const done: WorkResult = {
      kind: 'done',
      ...(target?.recheckMs === undefined ? {} : { againMs: target.recheckMs }),
    };
    if (step.action === 'leave' || step.action === 'conflict') {
      options.onPlan(name, step);
      return step.code === 'being-deleted' ? { kind: 'done', againMs: WAIT_MS } : done;
    }
    if (!options.mayWrite()) return { kind: 'failed' };
    const wait = attempt === 0 ? options.pace.take(name, options.clock.now()) : 0;
    if (wait > 0) return { kind: 'done', againMs: wait };
    options.onPlan(name, step);
    try {
      await carryOut(name, target?.content ?? desired.content({ name, labels: {} }), step, {
        ...call,
        timeoutMs: WRITE_MS,
        slowAfterMs: SLOW_MS,
      });
      return done;
    } catch (error) {
      const status = statusOf(error);
      if (status !== 404 && status !== 409) throw error;
      await reread(name, call);
      return undefined;
    }
  }

  return { reconcile };
}
