import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';

/** The most that Node's timers take (2³¹ - 1 ms, 24.8 days); what is more, they take for 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      // Who waits for no time lets others have their turn; a timer would be a millisecond at least.
      if (ms === 0) await turn(undefined, { signal });
      for (let left = ms; left > 0; left -= LONGEST_TIMER_MS) {
        await delay(Math.min(left, LONGEST_TIMER_MS), undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};
