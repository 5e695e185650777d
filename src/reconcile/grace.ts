import type { Clock } from '../core/clock.ts';

/**
 * Remembers since when things have been gone. A thing is a namespace that is no longer enabled, or a source that no longer
 * reaches a namespace. A restart forgets the times, so it can only lengthen a grace.
 */
export interface GraceTimes {
  /** Ms that are left for a thing that is gone now; 0 or less: its time is over. The first question starts the clock. */
  left(namespace: string, thing: string): number;
  /** Of the things of one namespace only these are gone: the clocks of all others are forgotten. */
  keepOnly(namespace: string, things: ReadonlySet<string>): void;
  forget(namespace: string): void;
  clear(): void;
}

export function createGraceTimes(graceMs: number, clock: Pick<Clock, 'now'>): GraceTimes {
  const since = new Map<string, Map<string, number>>();
  return {
    left: (namespace, thing) => {
      const now = clock.now();
      let things = since.get(namespace);
      if (things === undefined) {
        things = new Map();
        since.set(namespace, things);
      }
      const start = things.get(thing) ?? now;
      things.set(thing, start);
      return start + graceMs - now;
    },
    keepOnly: (namespace, gone) => {
      const things = since.get(namespace);
      if (things === undefined) return;
      for (const thing of things.keys()) if (!gone.has(thing)) things.delete(thing);
      if (things.size === 0) since.delete(namespace);
    },
    forget: (namespace) => void since.delete(namespace),
    clear: () => since.clear(),
  };
}
