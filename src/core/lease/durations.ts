import type { Random } from '../clock.ts';

/** client-go's three, for one Lease. The lease's own is in whole seconds, as `leaseDurationSeconds` is. */
export interface ElectionDurations {
  /** How long the others wait after they last saw the record change before they take over. */
  readonly leaseSeconds: number;
  /** How long a leader goes on leading after it sent the last renewal that was accepted. */
  readonly renewDeadlineMs: number;
  /** From one try to the next. */
  readonly retryPeriodMs: number;
}

/** The defaults of Kubernetes' own components (k8s.io/component-base/config, LeaderElectionConfiguration). */
export const DEFAULT_DURATIONS: ElectionDurations = {
  leaseSeconds: 15,
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2000,
};

/** leaderelection.JitterFactor of client-go: candidates wait between one and 2.2 retry periods. */
const JITTER_FACTOR = 1.2;

/** The wait of a candidate before it looks again, in ms: drawn anew each time, so that candidates do not march in step. */
export function candidateWaitMs(durations: ElectionDurations, random: Random): number {
  return durations.retryPeriodMs * (1 + JITTER_FACTOR * random());
}

/** What is wrong with the durations, one sentence each; the rules are those of client-go's NewLeaderElector. */
export function findDurationProblems(durations: ElectionDurations): readonly string[] {
  const { leaseSeconds, renewDeadlineMs, retryPeriodMs } = durations;
  const problems: string[] = [];
  // A fraction would be cut off in the Lease, and the others would wait for less than the leader counts on.
  if (!Number.isInteger(leaseSeconds) || leaseSeconds < 1) {
    problems.push(`the lease duration must be a whole number of seconds, 1 or more (got ${leaseSeconds} s)`);
  }
  if (!(leaseSeconds * 1000 > renewDeadlineMs)) {
    problems.push(`the lease duration (${leaseSeconds} s) must exceed the renew deadline (${renewDeadlineMs} ms)`);
  }
  if (!(renewDeadlineMs > JITTER_FACTOR * retryPeriodMs)) {
    problems.push(
      `the renew deadline (${renewDeadlineMs} ms) must exceed ${JITTER_FACTOR} retry periods (${retryPeriodMs} ms each)`,
    );
  }
  if (!(retryPeriodMs > 0)) problems.push(`the retry period must be more than 0 (got ${retryPeriodMs} ms)`);
  return problems;
}
