import { backoffMs, type BackoffLimits } from '../core/backoff.ts';
import type { Clock, Random } from '../core/clock.ts';

/** What became of one key: done, or to be tried again (after a delay of the worker's choosing, or the next back-off). */
export type WorkResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly afterMs?: number }
  /** Nothing can be done for any key now: all wait, this one included. */
  | { readonly kind: 'pause'; readonly atLeastMs?: number };

export interface QueueOptions {
  /** Handles one key; never two calls for the same key at once. A rejection counts as "again". */
  readonly work: (key: string, signal: AbortSignal) => Promise<WorkResult>;
  readonly onError: (key: string, error: unknown) => void;
  readonly concurrency: number;
  /** Of one key whose work fails. */
  readonly backoff: BackoffLimits;
  /** Of all keys together, while work ends in "pause". */
  readonly pauses: BackoffLimits;
  readonly clock: Clock;
  readonly random: Random;
}

/** A queue of keys: each waits at most once, is worked on at most once at a time, and comes back until it is done. */
export interface Queue {
  /** A key that is being worked on is worked on once more after that; one that waits for its next try is tried now. */
  add(key: string): void;
  /** Adds the key when `ms` have passed, unless it is done by then for another reason or asked for earlier. */
  addAfter(key: string, ms: number): void;
  /** Works until the signal aborts, and what is under way has ended. */
  run(signal: AbortSignal): Promise<void>;
  depth(): number;
  /** Keys whose last try failed. */
  retrying(): number;
}

export function createQueue(options: QueueOptions): Queue {
  const { clock, random } = options;
  /** In the order of their adding. */
  const waiting = new Set<string>();
  const working = new Map<string, { again: boolean }>();
  const failures = new Map<string, number>();
  const delayed = new Map<string, { readonly dueAt: number; readonly cancel: AbortController }>();
  let lifetime: AbortSignal | undefined;
  let idle = Promise.withResolvers<void>();
  let paused = false;
  let pausesInARow = 0;

  function add(key: string): void {
    delayed.get(key)?.cancel.abort();
    delayed.delete(key);
    const current = working.get(key);
    if (current !== undefined) current.again = true;
    else waiting.add(key);
    pump();
  }

  function addAfter(key: string, ms: number): void {
    if (lifetime === undefined || lifetime.aborted) return;
    const dueAt = clock.now() + ms;
    const planned = delayed.get(key);
    if (waiting.has(key) || (planned !== undefined && planned.dueAt <= dueAt)) return;
    planned?.cancel.abort();
    const cancel = new AbortController();
    delayed.set(key, { dueAt, cancel });
    const signal = AbortSignal.any([cancel.signal, lifetime]);
    void clock.sleep(ms, signal).then(() => {
      if (!signal.aborted) add(key);
    });
  }

  function pump(): void {
    if (lifetime === undefined || lifetime.aborted || paused) return;
    for (const key of waiting) {
      if (working.size >= options.concurrency) return;
      waiting.delete(key);
      void handle(key, lifetime);
    }
  }

  async function handle(key: string, signal: AbortSignal): Promise<void> {
    const state = { again: false };
    working.set(key, state);
    let result: WorkResult;
    try {
      result = await options.work(key, signal);
    } catch (error) {
      if (!signal.aborted) options.onError(key, error);
      result = { kind: 'again' };
    }
    working.delete(key);
    settle(key, result, state.again);
    if (working.size === 0) idle.resolve();
    pump();
  }

  function settle(key: string, result: WorkResult, again: boolean): void {
    if (result.kind === 'pause') {
      waiting.add(key);
      pause(result.atLeastMs);
      return;
    }
    pausesInARow = 0;
    if (result.kind === 'done') failures.delete(key);
    else failures.set(key, (failures.get(key) ?? 0) + 1);
    if (again) waiting.add(key);
    else if (result.kind === 'again') {
      addAfter(key, result.afterMs ?? backoffMs(options.backoff, failures.get(key) ?? 1, random, undefined));
    }
  }

  /** Of several keys that find the same trouble at once, the first makes the pause. */
  function pause(atLeastMs: number | undefined): void {
    if (paused || lifetime === undefined || lifetime.aborted) return;
    paused = true;
    pausesInARow++;
    const ms = Math.max(backoffMs(options.pauses, pausesInARow, random, undefined), atLeastMs ?? 0);
    void clock.sleep(ms, lifetime).then(() => {
      paused = false;
      pump();
    });
  }

  async function run(signal: AbortSignal): Promise<void> {
    lifetime = signal;
    pump();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    while (working.size > 0) {
      idle = Promise.withResolvers<void>();
      await idle.promise;
    }
    for (const { cancel } of delayed.values()) cancel.abort();
    delayed.clear();
    paused = false;
  }

  return { add, addAfter, run, depth: () => waiting.size + working.size, retrying: () => failures.size };
}
