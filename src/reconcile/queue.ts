import { backoffMs, type BackoffLimits } from '../core/backoff.ts';
import type { Clock, Random } from '../core/clock.ts';

/** What became of one key. */
export type WorkResult =
  /** All is well; where `againMs` is given, the key is looked at again then. */
  | { readonly kind: 'done'; readonly againMs?: number }
  /** To be tried again after the key's next back-off. */
  | { readonly kind: 'failed' }
  /** Nothing can be done for any key now: all wait. */
  | { readonly kind: 'pause'; readonly atLeastMs?: number };

export interface QueueOptions {
  /** Handles one key; never two calls for the same key at once. A rejection counts as failed. */
  readonly work: (key: string, signal: AbortSignal) => Promise<WorkResult>;
  readonly onError: (key: string, error: unknown) => void;
  readonly concurrency: number;
  /** Of one key whose work fails. */
  readonly backoff: BackoffLimits;
  /** Of all keys together, while work ends in "pause"; and of the keys that it ended so for. */
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

/** Some 20 µs each: less than 2 ms at a time. */
const TURN = 50;

export function createQueue(options: QueueOptions): Queue {
  const { clock, random } = options;
  /** In the order of their adding. */
  const waiting = new Set<string>();
  /** Where in `waiting` its first key is: all before it were taken. */
  let order = waiting.values();
  const working = new Map<string, { again: boolean }>();
  const failures = new Map<string, number>();
  const delayed = new Map<string, { readonly dueAt: number; readonly cancel: AbortController }>();
  let lifetime: AbortSignal | undefined;
  let idle = Promise.withResolvers<void>();
  let paused = false;
  let pausesInARow = 0;
  /** How many keys were begun in this turn of the event loop. */
  let begun = 0;
  let isTurning = false;

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
    void clock.sleep(ms, cancel.signal).then(() => {
      if (!cancel.signal.aborted) add(key);
    });
  }

  function pump(): void {
    while (waiting.size > 0) {
      if (lifetime === undefined || lifetime.aborted || paused) return;
      // After a pause one key tries whether it is over.
      if (working.size >= (pausesInARow > 0 ? 1 : options.concurrency)) return;
      if (begun >= TURN) return void nextTurn(lifetime);
      begun++;
      const key = takeFirst();
      if (key !== undefined) void handle(key, lifetime);
    }
  }

  /** A new iterator would go over all that was taken before, thousands of keys when many are added at once. */
  function takeFirst(): string | undefined {
    let next = order.next();
    if (next.done === true) {
      order = waiting.values();
      next = order.next();
    }
    if (next.done === true) return undefined;
    waiting.delete(next.value);
    return next.value;
  }

  /** Keys for which nothing is to do are done at once: thousands of them must not keep everything else waiting. */
  async function nextTurn(signal: AbortSignal): Promise<void> {
    if (isTurning) return;
    isTurning = true;
    await clock.sleep(0, signal);
    isTurning = false;
    begun = 0;
    pump();
  }

  async function handle(key: string, signal: AbortSignal): Promise<void> {
    const state = { again: false };
    working.set(key, state);
    let result: WorkResult;
    try {
      result = await options.work(key, signal);
    } catch (error) {
      if (!signal.aborted) options.onError(key, error);
      result = { kind: 'failed' };
    }
    working.delete(key);
    settle(key, result, state.again);
    if (working.size === 0) idle.resolve();
    pump();
  }

  function settle(key: string, result: WorkResult, isAskedFor: boolean): void {
    if (result.kind === 'done') failures.delete(key);
    else failures.set(key, (failures.get(key) ?? 0) + 1);
    const failed = failures.get(key) ?? 0;
    if (result.kind === 'pause') pause(result.atLeastMs);
    else pausesInARow = 0;
    if (isAskedFor || lifetime?.aborted === true) {
      if (isAskedFor || result.kind !== 'done') waiting.add(key);
    } else if (result.kind === 'pause') {
      // Not first after the pause, so that a key which alone finds trouble does not stop all others again and again.
      addAfter(key, backoffMs(options.pauses, failed, random, undefined));
    } else if (result.kind === 'failed') addAfter(key, backoffMs(options.backoff, failed, random, undefined));
    else if (result.againMs !== undefined) addAfter(key, result.againMs);
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
