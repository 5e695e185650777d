import { readFile } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kube/system-clock.ts';

const never = new AbortController().signal;

describe('sleep', () => {
  it('of no time lets others have their turn and no more: it is over before any timer', async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      // From here on, Node's event loop comes to immediates before it comes to timers.
      readFile(import.meta.filename, () => {
        setTimeout(() => {
          order.push('timer');
          resolve();
        }, 0);
        void systemClock.sleep(0, never).then(() => order.push('turn'));
        queueMicrotask(() => order.push('same turn'));
      });
    });
    expect(order).toEqual(['same turn', 'turn', 'timer']);
  });

  it('of more than 24.8 days, which no timer of Node takes, is not over at once', async () => {
    const stop = new AbortController();
    let isOver = false;
    const slept = systemClock.sleep(2 ** 31, stop.signal).then(() => {
      isOver = true;
    });
    await systemClock.sleep(20, never);
    expect(isOver).toBe(false);
    stop.abort();
    await slept;
  });

  it('ends when its signal aborts, before and during', async () => {
    const stop = new AbortController();
    const slept = [
      systemClock.sleep(60_000, AbortSignal.abort()),
      systemClock.sleep(0, AbortSignal.abort()),
      systemClock.sleep(60_000, stop.signal),
    ];
    stop.abort();
    await expect(Promise.all(slept)).resolves.toEqual([undefined, undefined, undefined]);
  });
});
