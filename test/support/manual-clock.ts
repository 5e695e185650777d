import type { Clock } from '../../src/core/clock.ts';

/** A clock that a test moves by hand: nothing sleeps in real time, and what is due happens in order. */
export interface ManualClock extends Clock {
  /** Moves on, waking sleepers as their time comes and letting what they do settle before the next one wakes. */
  advance(ms: number): Promise<void>;
  /** The delays that are being slept now, in ms from now. */
  sleeping(): readonly number[];
}

interface Sleeper {
  readonly dueAt: number;
  readonly wake: () => void;
}

/** 2026-01-01T00:00:00Z, so that wall times in expectations are readable. */
const EPOCH = Date.UTC(2026, 0, 1);

export function createManualClock(): ManualClock {
  let now = 0;
  const sleepers = new Set<Sleeper>();

  return {
    now: () => now,
    wallTime: () => EPOCH + now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper: Sleeper = { dueAt: now + ms, wake };
        sleepers.add(sleeper);
        signal.addEventListener('abort', wake, { once: true });
      }),
    advance: async (ms) => {
      const until = now + ms;
      await settle();
      for (;;) {
        const next = [...sleepers].sort((a, b) => a.dueAt - b.dueAt)[0];
        if (next === undefined || next.dueAt > until) break;
        now = Math.max(now, next.dueAt);
        next.wake();
        await settle();
      }
      now = until;
    },
    sleeping: () => [...sleepers].map(({ dueAt }) => dueAt - now).sort((a, b) => a - b),
  };
}

/** Lets every promise that can settle do so: a turn of the event loop runs all microtasks before it. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
