import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      // Who waits for no time lets others have their turn; a timer would be a millisecond at least.
      await (ms === 0 ? turn(undefined, { signal }) : delay(ms, undefined, { signal }));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};
