/** Limits how often something may happen for each key: `burst` times at once, then once in `intervalMs`. */
export interface TokenBuckets {
  /** 0: it may happen now, and is counted. Else: ms until it may. `now` is monotonic, in ms. */
  take(key: string, now: number): number;
}

export interface BucketLimits {
  readonly burst: number;
  readonly intervalMs: number;
}

/** With this many keys remembered, those whose buckets are full again are forgotten. */
const SWEEP_AT = 1000;

export function createTokenBuckets({ burst, intervalMs }: BucketLimits): TokenBuckets {
  /** When each bucket will be full again; a full one needs no entry. */
  const fullAt = new Map<string, number>();
  let sweepAt = SWEEP_AT;

  return {
    take: (key, now) => {
      const used = Math.max(0, (fullAt.get(key) ?? now) - now) / intervalMs;
      if (used > burst - 1) return Math.max(1, Math.ceil((used - (burst - 1)) * intervalMs));
      if (fullAt.size >= sweepAt) {
        for (const [each, time] of fullAt) if (time <= now) fullAt.delete(each);
        sweepAt = Math.max(SWEEP_AT, fullAt.size * 2);
      }
      fullAt.set(key, now + (used + 1) * intervalMs);
      return 0;
    },
  };
}
