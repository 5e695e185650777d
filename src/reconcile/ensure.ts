import type { Clock } from '../core/clock.ts';
import type { LiveSecret } from '../core/secret/managed-secret.ts';
import type { DesiredState, Namespace } from './desired-state.ts';
import type { LiveSecrets } from './live-secrets.ts';
import { createPlaces } from './places.ts';
import { statusOf, type SecretWrites } from './secret-writes.ts';

/** The state of the managed Secret in a Pod's namespace; the same shape as http's SecretState. */
export type EnsureResult =
  | { readonly kind: 'present' | 'created' | 'dry-run' | 'foreign' }
  | { readonly kind: 'failed'; readonly sentence: string };

export interface EnsureOptions {
  readonly desired: DesiredState;
  readonly live: LiveSecrets;
  readonly writes: SecretWrites;
  readonly clock: Clock;
  /** How long to wait: the webhook has 3 s in all (timeoutSeconds), for a GET of the namespace and for its answer too. */
  readonly timeoutMs: number;
  /** How long a creation may go on; what takes longer is left to the replica that leads. */
  readonly giveUpMs: number;
  /** Creations at once; more of them wait. Those that hang must leave the API server's seats for us to others. */
  readonly most: number;
  /** A namespace whose Secret could not be created is not tried again for every Pod: its quota is no better in 1 ms. */
  readonly rememberFailureMs: number;
}

/** Makes sure that an enabled namespace has its Secret before a Pod that refers to it is admitted; any replica may. */
export interface Ensure {
  (namespace: Namespace, dryRun: boolean): Promise<EnsureResult>;
}

export function createEnsure(options: EnsureOptions): Ensure {
  const { desired, live, writes, clock } = options;
  /** One creation per namespace: 200 Pods at once cause one write. A failure stays for a while. */
  const creations = new Map<string, Promise<EnsureResult>>();
  const places = createPlaces(options.most);

  return async (namespace, dryRun) => {
    const known = live.get(namespace.name);
    if (known !== undefined) return { kind: known.owned ? 'present' : 'foreign' };
    if (dryRun) return { kind: 'dry-run' };

    let creation = creations.get(namespace.name);
    if (creation === undefined) {
      creation = create(namespace);
      creations.set(namespace.name, creation);
      void forgetLater(namespace.name, creation);
    }
    const deadline = new AbortController();
    const timeout = clock.sleep(options.timeoutMs, deadline.signal).then(() => late(options.timeoutMs));
    const result = await Promise.race([creation, timeout]);
    deadline.abort();
    return result;
  };

  async function forgetLater(name: string, creation: Promise<EnsureResult>): Promise<void> {
    const { kind } = await creation;
    if (kind === 'failed') await clock.sleep(options.rememberFailureMs, new AbortController().signal);
    creations.delete(name);
  }

  async function create(namespace: Namespace): Promise<EnsureResult> {
    const askedAt = clock.now();
    await places.take();
    const over = new AbortController();
    try {
      const known = live.get(namespace.name);
      if (known !== undefined) return { kind: known.owned ? 'present' : 'foreign' };
      // Who asked has been answered.
      if (clock.now() - askedAt >= options.timeoutMs) return late(options.timeoutMs);
      const stop = new AbortController();
      void clock.sleep(options.giveUpMs, over.signal).then(() => stop.abort());
      return await createNow(namespace, stop.signal);
    } finally {
      over.abort();
      places.leave();
    }
  }

  async function createNow(namespace: Namespace, signal: AbortSignal): Promise<EnsureResult> {
    const { name } = namespace;
    // Somebody's webhook that does not answer says nothing of the line (kube/line-guard.ts).
    const call = { signal, slowAfterMs: Infinity };
    const content = desired.content(namespace);
    if (content.excess !== undefined) return { kind: 'failed', sentence: content.excess };
    try {
      live.observe(name, await writes.create(name, content, call));
      return { kind: 'created' };
    } catch (error) {
      if (signal.aborted) return late(options.giveUpMs);
      if (statusOf(error) !== 409) return failed(error);
    }
    // The name is taken, or was a moment ago: by another replica of ours, or by somebody else.
    try {
      const secret: LiveSecret | undefined = await writes.get(name, call);
      if (secret === undefined) return { kind: 'failed', sentence: 'it was deleted while it was being created' };
      live.observe(name, secret);
      return { kind: secret.owned ? 'present' : 'foreign' };
    } catch (error) {
      return failed(error);
    }
  }
}

function late(ms: number): EnsureResult {
  return { kind: 'failed', sentence: `the API server did not create it within ${ms} ms` };
}

function failed(error: unknown): EnsureResult {
  return { kind: 'failed', sentence: error instanceof Error ? error.message : 'it could not be created' };
}
