import type { Clock } from '../../src/core/clock.ts';
import { createMailbox } from './material.ts';

interface Sleep {
  readonly ms: number;
  /** Lets the time pass and ends the sleep. */
  wake(): void;
}

/** A clock that stands still until a test ends a sleep: sleeps wait in line for it, unless their signal ends them. */
export interface SteppedClock extends Clock {
  nextSleep(): Promise<Sleep>;
  /** Sleeps begun that no one has asked for yet. */
  readonly waiting: readonly Sleep[];
}

export function createSteppedClock(wallTime: number): SteppedClock {
  let time = wallTime;
  const sleeps = createMailbox<Sleep>();
  return {
    now: () => time,
    wallTime: () => time,
    sleep: (ms, signal) => {
      if (signal.aborted) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => resolve(), { once: true });
      sleeps.tell({
        ms,
        wake: () => {
          time += ms;
          resolve();
        },
      });
      return promise;
    },
    nextSleep: () => sleeps.next(),
    waiting: sleeps.waiting,
  };
}
