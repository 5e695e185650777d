import type { Random } from './clock.ts';

/** Exponential delays with jitter: about `baseMs` after the first failure, doubled with each further one up to `maxMs`. */
export interface BackoffLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * The delay before the next try, in ms: a random point in the upper half of the exponential step, so that replicas which
 * failed together do not come back together.
 *
 * @param failures how many tries in a row have failed, 1 or more
 * @param retryAfterSeconds what the API server asked for; never undercut
 */
export function backoffMs(
  limits: BackoffLimits,
  failures: number,
  random: Random,
  retryAfterSeconds: number | undefined,
): number {
  const step = Math.min(limits.maxMs, limits.baseMs * 2 ** Math.min(failures - 1, 30));
  const delay = step / 2 + (step / 2) * random();
  return retryAfterSeconds === undefined ? delay : Math.max(delay, retryAfterSeconds * 1000);
}
