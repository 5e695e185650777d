/** How long certificates live and how slowly one follows another; all in ms. */
export interface RotationDurations {
  readonly caMs: number;
  readonly leafMs: number;
  /**
   * From seeing the next CA in every live caBundle to using it: API servers that answer from their own caches need that
   * long to see the same.
   */
  readonly settleMs: number;
  /** From the first leaf under a new CA to dropping the old one: every replica needs that long to change its leaf. */
  readonly overlapMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * Rotations are cheap and well tested, so they come often: a leaf every 20 days, a CA every 8 months. A minute is many times
 * the lag of a healthy API server's watch. A day is long enough for every replica to see its Secret, unless it has far worse
 * problems; trusting the old CA for so long costs nothing, since its key is deleted much earlier.
 */
export const DEFAULT_ROTATION: RotationDurations = {
  caMs: 365 * DAY_MS,
  leafMs: 30 * DAY_MS,
  settleMs: MINUTE_MS,
  overlapMs: DAY_MS,
};

/** The share of its life after which a certificate is renewed: the last third is left for trying again. */
export const RENEWAL_SHARE = 2 / 3;

/** X.509 dates are whole seconds, and are cut off. */
export const X509_STEP_MS = 1000;

/** Clocks of nodes may differ by minutes where nobody looks after them; Kerberos' habit is to bear five. */
const CLOCK_SKEW_MS = 5 * MINUTE_MS;

/** How far in the past a certificate's life begins, for clocks that are behind; it is part of its life. */
export function backdateMs(lifeMs: number): number {
  return Math.min(CLOCK_SKEW_MS, lifeMs / 10);
}

/** What is wrong with the durations, one sentence each. */
export function findRotationProblems(durations: RotationDurations): readonly string[] {
  const { caMs, leafMs, settleMs, overlapMs } = durations;
  if (![caMs, leafMs, settleMs, overlapMs].every((ms) => Number.isFinite(ms) && ms > 0)) {
    return ['every duration of the certificate rotation must be more than 0'];
  }
  const problems: string[] = [];
  // Three steps of X.509 time: one is lost at each end, and one must be left to serve.
  if (leafMs < 3 * X509_STEP_MS) {
    problems.push(`the leaf duration must be 3 s or more (got ${seconds(leafMs)})`);
  }
  if (leafMs > caMs) {
    problems.push(`the leaf duration (${seconds(leafMs)}) must not exceed the CA duration (${seconds(caMs)})`);
  }
  // Else the old leaf ends before the new CA may be used.
  if (settleMs >= caMs * (1 - RENEWAL_SHARE)) {
    problems.push(
      `the settling time (${seconds(settleMs)}) must be less than a third of the CA duration (${seconds(caMs)})`,
    );
  }
  // The wait is counted from the leaf in use: one that is renewed sooner would begin it anew, for ever.
  if (overlapMs + backdateMs(leafMs) + X509_STEP_MS >= leafMs * RENEWAL_SHARE) {
    problems.push(
      `the overlap (${seconds(overlapMs)}) must be well below two thirds of the leaf duration (${seconds(leafMs)})`,
    );
  }
  return problems;
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
