import { backoffMs, type BackoffLimits } from '../core/backoff.ts';
import type { Clock, Random } from '../core/clock.ts';
import { createLane } from './lane.ts';

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
  /** Told of a try that was given up since others waited for its place. */
  readonly onGivenUp: (key: string, afterMs: number) => void;
  readonly concurrency: number;
  /** After so long a first try leaves its place to others that wait; each further one of the key may take twice as long. */
  readonly patienceMs: number;
  /** The back-off of one key whose work fails. */
  readonly backoff: BackoffLimits;
  /** The back-off of all keys together while work ends in "pause", and of each key whose work ended so. */
  readonly pauses: BackoffLimits;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * A queue of keys: each waits at most once, is worked on at most once at a time, and comes back until it is done. A key whose
 * last try failed comes after all others, and leaves them some of the places: what looks like everybody's trouble may be
 * that of a few keys, and each of their tries may take until its time limit.
 *
 * Nor do keys whose work hangs, at their first try, hold up the others: a try that has taken longer than its patience is
 * given up when another key waits for its place. Where all work is slow, that doubles it at most, since patience doubles.
 */
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

/** A key that is being worked on. */
interface Try {
  /** It was added meanwhile. */
  again: boolean;
  readonly isRetry: boolean;
  readonly startedAt: number;
  readonly patientUntil: number;
  readonly stop: AbortController;
}

const FIRST_THEN_RETRIES = [false, true];
/** Some 20 µs each: less than 2 ms at a time. */
const TURN = 50;
/** Of the places for work at once, so many are not for keys whose last try failed. */
const KEPT_SHARE = 1 / 6;

export function createQueue(options: QueueOptions): Queue {
  const { clock, random } = options;
  const places = { all: options.concurrency, retries: Math.ceil(options.concurrency * (1 - KEPT_SHARE)) };
  const first = createLane();
  const retries = createLane();
  /** In the order of their beginning. */
  const working = new Map<string, Try>();
  let workingRetries = 0;
  const failures = new Map<string, number>();
  /** How often in a row a key's try was given up. */
  const surrenders = new Map<string, number>();
  /** When it is looked again for tries to give up. */
  let lookAt = Infinity;
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
    else enqueue(key);
    pump();
  }

  function enqueue(key: string): void {
    (failures.has(key) ? retries : first).add(key);
  }

  function depth(): number {
    return first.size() + retries.size() + working.size;
  }

  function addAfter(key: string, ms: number): void {
    if (lifetime === undefined || lifetime.aborted) return;
    const dueAt = clock.now() + ms;
    const planned = delayed.get(key);
    if (first.has(key) || retries.has(key) || (planned !== undefined && planned.dueAt <= dueAt)) return;
    planned?.cancel.abort();
    const cancel = new AbortController();
    delayed.set(key, { dueAt, cancel });
    void clock.sleep(ms, cancel.signal).then(() => {
      if (!cancel.signal.aborted) add(key);
    });
  }

  function pump(): void {
    for (;;) {
      if (lifetime === undefined || lifetime.aborted || paused) return;
      const isRetry = first.size() === 0 || !mayBegin(false);
      if (isRetry && (retries.size() === 0 || !mayBegin(true))) return makeRoom(lifetime);
      if (begun >= TURN) return void nextTurn(lifetime);
      begun++;
      const key = (isRetry ? retries : first).take();
      if (key !== undefined) void handle(key, isRetry);
    }
  }

  /** After a pause one key tries whether it is over; a first try does not wait for the end of another's retry. */
  function mayBegin(isRetry: boolean): boolean {
    if (pausesInARow > 0) return working.size === (isRetry ? 0 : workingRetries);
    return working.size < places.all && (!isRetry || workingRetries < places.retries);
  }

  /** For keys that wait: first tries that take long leave their places, then retries, the oldest first. */
  function makeRoom(signal: AbortSignal): void {
    const areFirst = first.size() > 0;
    let wanted = areFirst ? first.size() : retries.size();
    if (wanted === 0) return;
    const now = clock.now();
    const isFull = working.size >= places.all;
    let next = Infinity;
    for (const isRetry of FIRST_THEN_RETRIES) {
      for (const [key, each] of working) {
        if (each.isRetry !== isRetry || !(areFirst || isRetry || isFull)) continue;
        if (wanted === 0) return;
        if (each.stop.signal.aborted) wanted--;
        else if (now < each.patientUntil) next = Math.min(next, each.patientUntil);
        else {
          wanted--;
          options.onGivenUp(key, now - each.startedAt);
          each.stop.abort();
        }
      }
    }
    if (next >= lookAt) return;
    lookAt = next;
    void clock.sleep(next - now, signal).then(() => {
      if (lookAt === next) lookAt = Infinity;
      pump();
    });
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

  async function handle(key: string, isRetry: boolean): Promise<void> {
    const startedAt = clock.now();
    const patientUntil = startedAt + options.patienceMs * 2 ** (surrenders.get(key) ?? 0);
    const state: Try = { again: false, isRetry, startedAt, patientUntil, stop: new AbortController() };
    working.set(key, state);
    if (isRetry) workingRetries++;
    let result: WorkResult;
    try {
      result = await options.work(key, state.stop.signal);
    } catch (error) {
      if (!state.stop.signal.aborted) options.onError(key, error);
      result = { kind: 'failed' };
    }
    if (result.kind === 'done') surrenders.delete(key);
    else if (state.stop.signal.aborted) {
      surrenders.set(key, (surrenders.get(key) ?? 0) + 1);
      result = { kind: 'failed' };
    }
    working.delete(key);
    if (isRetry) workingRetries--;
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
      if (isAskedFor || result.kind !== 'done') enqueue(key);
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
    for (const { stop } of working.values()) stop.abort();
    while (working.size > 0) {
      idle = Promise.withResolvers<void>();
      await idle.promise;
    }
    for (const { cancel } of delayed.values()) cancel.abort();
    delayed.clear();
    failures.clear();
    surrenders.clear();
    paused = false;
  }

  return { add, addAfter, run, depth, retrying: () => failures.size };
}
