/** Time as a parameter. `src/kube/system-clock.ts` is the real one; tests drive their own. */
export interface Clock {
  /** Milliseconds that only grow (monotonic); not a date. */
  now(): number;
  /** Milliseconds since the epoch, for what people and other programs read. */
  wallTime(): number;
  /** Resolves after `ms`, or at once when `signal` is aborted: the caller looks at the signal. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A number in [0, 1), as Math.random gives. */
export type Random = () => number;
