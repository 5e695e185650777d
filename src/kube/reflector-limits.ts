import type { BackoffLimits } from '../core/backoff.ts';
import type { PageBounds } from './page-size.ts';

/** How a reflector lists, watches, and tries again. */
export interface ReflectorLimits {
  readonly page: PageBounds;
  /**
   * After this long the API server ends a watch by itself, after a bookmark; drawn anew between this and twice this, as
   * client-go does.
   */
  readonly watchSeconds: number;
  /** A watch that brought nothing, its end included, for this long is taken for dead. */
  readonly silenceMs: number;
  /** The API server answers a watch with headers before it has any event. */
  readonly headersTimeoutMs: number;
  readonly listTimeoutMs: number;
  readonly backoff: BackoffLimits;
}

export const REFLECTOR_LIMITS: ReflectorLimits = {
  // client-go's page is 500 objects. What a page brings is in memory three times at once: as bytes, as text, and parsed. In
  // a cluster of tenants its objects are strangers': a Secret of 1 MiB is 1.4 MB of JSON.
  page: { most: 100, bytes: 4 * 2 ** 20 },
  // client-go's is 300. A watch whose connection alone died, while all others are well (as where a load balancer forgets
  // what was quiet for long), is found by the end that does not come.
  watchSeconds: 20,
  silenceMs: 45_000, // twice the above, and 5 s to be late
  headersTimeoutMs: 4000, // with the longest back-off below, an API server that comes back is noticed within 5 s
  listTimeoutMs: 30_000,
  // Of the 5 s after which Secrets are right, the writing of hundreds needs the larger part.
  backoff: { baseMs: 100, maxMs: 1500 },
};
