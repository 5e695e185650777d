import { planSecret, type Plan } from '../core/secret/plan.ts';
import type { DesiredContent, LiveSecret } from '../core/secret/managed-secret.ts';
import type { DesiredState, Namespace } from './desired-state.ts';
import type { LiveSecrets } from './live-secrets.ts';
import type { WorkResult } from './queue.ts';
import type { Clock } from '../core/clock.ts';

/** Writes to one namespace's managed Secret; kube/secrets.ts does it. Rejections carry a `status` (0: no answer). */
export interface SecretWrites {
  get(namespace: string, call?: WriteCall): Promise<LiveSecret | undefined>;
  create(namespace: string, content: DesiredContent, call?: WriteCall): Promise<LiveSecret>;
  update(namespace: string, content: DesiredContent, seen: LiveSecret, call?: WriteCall): Promise<LiveSecret>;
  delete(namespace: string, seen: LiveSecret, call?: WriteCall): Promise<void>;
}

export interface WriteCall {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What the webhook is told of a Secret it asked for; same shape as http's SecretState. */
export type EnsureResult =
  | { readonly kind: 'present' | 'created' | 'dry-run' | 'foreign' }
  | { readonly kind: 'failed'; readonly sentence: string };

export interface Reconciler {
  /** Makes one namespace's Secret what it should be: plan, write, and again where somebody was faster. */
  reconcile(namespace: string, signal: AbortSignal): Promise<WorkResult>;
  /** Makes sure that an enabled namespace has its Secret before a Pod is answered; within `timeoutMs`. */
  ensure(namespace: Namespace, dryRun: boolean, timeoutMs: number): Promise<EnsureResult>;
}

export interface ReconcilerOptions {
  readonly desired: DesiredState;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly live: LiveSecrets;
  readonly writes: SecretWrites;
  readonly onPlan: (namespace: string, plan: Plan) => void;
  readonly clock: Clock;
}

/** How often somebody may be faster than we are before the namespace waits its turn again. */
const ATTEMPTS = 4;
/** A Secret that a finalizer holds is looked at again after this long; its deletion wakes the namespace earlier. */
const WAIT_MS = 5000;

export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { desired, live, writes } = options;
  /** One writer per namespace in this process: 200 Pods at once cause one write. */
  const creating = new Map<string, Promise<LiveSecret>>();

  function plan(name: string, namespace: Namespace | undefined): Plan {
    const facts = namespace ?? { name, labels: {} };
    return planSecret({
      namespace: namespace && { deleting: namespace.deleting, enabled: desired.isEnabled(namespace) },
      desired: desired.content(facts),
      live: live.get(name),
    });
  }

  async function create(name: string, namespace: Namespace, call: WriteCall): Promise<LiveSecret> {
    const under = creating.get(name);
    if (under !== undefined) return under;
    const write = writes.create(name, desired.content(namespace), call).finally(() => creating.delete(name));
    creating.set(name, write);
    const secret = await write;
    live.observe(name, secret);
    return secret;
  }

  async function carryOut(name: string, namespace: Namespace | undefined, step: Plan, call: WriteCall): Promise<void> {
    switch (step.action) {
      case 'create':
        if (namespace !== undefined) await create(name, namespace, call);
        return;
      case 'update':
        if (namespace !== undefined) {
          live.observe(name, await writes.update(name, desired.content(namespace), step.live, call));
        }
        return;
      case 'replace':
      case 'delete':
        await writes.delete(name, step.live, call);
        live.observeGone(name, step.live.uid);
        return;
      case 'leave':
      case 'wait':
      case 'conflict':
        return;
    }
  }

  /** 404 and 409: what we knew is not so (any more). Reads it anew; the next plan is made from that. */
  async function reread(name: string, call: WriteCall): Promise<void> {
    const secret = await writes.get(name, call);
    if (secret === undefined) live.observeGone(name, live.get(name)?.uid);
    else live.observe(name, secret);
  }

  async function reconcile(name: string, signal: AbortSignal): Promise<WorkResult> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const namespace = options.namespaces.get(name);
      const step = plan(name, namespace);
      options.onPlan(name, step);
      if (step.action === 'wait') return { kind: 'again', afterMs: WAIT_MS };
      if (step.action === 'leave' || step.action === 'conflict') return { kind: 'done' };
      try {
        await carryOut(name, namespace, step, { signal });
        if (step.action !== 'replace') return { kind: 'done' };
      } catch (error) {
        const status = statusOf(error);
        if (status !== 404 && status !== 409) throw error;
        await reread(name, { signal });
      }
    }
    return { kind: 'again' };
  }

  async function ensure(namespace: Namespace, dryRun: boolean, timeoutMs: number): Promise<EnsureResult> {
    const { name } = namespace;
    const known = live.get(name);
    if (known !== undefined) return { kind: known.owned ? 'present' : 'foreign' };
    if (dryRun) return { kind: 'dry-run' };
    const deadline = new AbortController();
    const late = options.clock.sleep(timeoutMs, deadline.signal).then((): EnsureResult => ({
      kind: 'failed',
      sentence: `the API server did not create it within ${timeoutMs} ms`,
    }));
    const result = await Promise.race([createForAdmission(name, namespace), late]);
    deadline.abort();
    return result;
  }

  async function createForAdmission(name: string, namespace: Namespace): Promise<EnsureResult> {
    try {
      await create(name, namespace, {});
      return { kind: 'created' };
    } catch (error) {
      if (statusOf(error) !== 409) return { kind: 'failed', sentence: sentenceOf(error) };
    }
    // The name is taken, or was a moment ago: by another replica of ours, or by somebody else.
    try {
      await reread(name, {});
      return { kind: live.get(name)?.owned === false ? 'foreign' : 'present' };
    } catch (error) {
      return { kind: 'failed', sentence: sentenceOf(error) };
    }
  }

  return { reconcile, ensure };
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 0;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it could not be created';
}
