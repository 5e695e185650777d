import type { Clock, Random } from '../core/clock.ts';
import { candidateWaitMs, findDurationProblems, type ElectionDurations } from '../core/lease/durations.ts';
import { endOfTerm, trouble, type ElectionTrouble, type EndOfTerm } from '../core/lease/outcome.ts';
import type { KubeClient } from './client.ts';
import { createContender, describeFailure } from './leader-contender.ts';
import { leaseApi } from './leader-lease.ts';
import { openTerm, type Leadership, type Term } from './leader-term.ts';

export interface LeaderElectionOptions {
  readonly client: Pick<KubeClient, 'call'>;
  readonly namespace: string;
  readonly leaseName: string;
  /**
   * Unique to this process, not to its Pod or host: two processes of one identity would both lead. client-go's habit is
   * host name, underscore, UUID.
   */
  readonly identity: string;
  readonly durations: ElectionDurations;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * The leader's work. It ends soon after the leadership's signal aborts; while its promise is pending, no other term
   * begins in this process and the Lease is not released. If it rejects, the Lease is given up for others.
   */
  readonly onStartedLeading: (leadership: Leadership) => void | Promise<void>;
  /** The term is over; the work may not have ended yet. */
  readonly onStoppedLeading: (end: EndOfTerm) => void;
  /** Whom the Lease names now, this process included. */
  readonly onNewLeader?: (identity: string) => void;
  readonly onTrouble: (trouble: ElectionTrouble, cause: unknown) => void;
  /** Aborted at shutdown. */
  readonly signal: AbortSignal;
}

/**
 * Campaigns for the Lease, leads, and campaigns again after each lost term, until the signal aborts; then releases the
 * Lease and resolves. Whatever the API server does is trouble, not an error: it is told and tried again.
 * Needs the verbs get and update on the one Lease, and create on leases in its namespace.
 *
 * Two processes never lead at once as long as their monotonic clocks run at rates that differ by less than the lease
 * duration divided by the renew deadline. What is left is a write that passed isLeader() and was held up on its way for
 * longer than the difference of the two: writes therefore carry a precondition. A virtual machine's pause stops the
 * monotonic clock too, and is such a hold-up.
 *
 * @throws RangeError for durations that cannot work
 */
export async function runLeaderElection(options: LeaderElectionOptions): Promise<void> {
  const { durations, clock, random, signal } = options;
  const problems = findDurationProblems(durations);
  if (problems.length > 0) throw new RangeError(problems.join('; '));

  const leaseKey = `${options.namespace}/${options.leaseName}`;
  const lease = leaseApi(options.client, options.namespace, options.leaseName);
  const contender = createContender({ ...options, ...durations, lease, leaseKey });

  let isIdle = true;
  while (!signal.aborted) {
    const startedAt = clock.now();
    const attempt = await contender.acquire(signal);
    if (signal.aborted) break;
    if (attempt.result === 'not-ours') {
      await clock.sleep(candidateWaitMs(durations, random), signal);
    } else if (attempt.result === 'failed' || clock.now() >= attempt.since + durations.renewDeadlineMs) {
      // From start to start, so that a try which hung until its timeout is not followed by a wait on top.
      await clock.sleep(Math.max(0, startedAt + durations.retryPeriodMs - clock.now()), signal);
    } else {
      const term = openTerm(clock, durations.renewDeadlineMs, attempt.since);
      const { end, work } = await serve(term);
      isIdle = await hasEnded(work, term);
      if (end.code === 'work-failed' && !signal.aborted) {
        await contender.release();
        // The others look every 2.2 retry periods at most, which is less than the lease duration: they go first.
        await clock.sleep(durations.leaseSeconds * 1000, signal);
      }
    }
  }
  if (isIdle) await contender.release();

  async function serve(term: Term): Promise<{ end: EndOfTerm; work: Promise<void> }> {
    const onShutdown = (): void => term.end(endOfTerm.shutdown());
    signal.addEventListener('abort', onShutdown, { once: true });
    const work = doWork(term);
    const [end] = await Promise.all([term.watchDeadline(), keepRenewing(term)]);
    signal.removeEventListener('abort', onShutdown);
    options.onStoppedLeading(end);
    return { end, work };
  }

  async function doWork(term: Term): Promise<void> {
    try {
      await options.onStartedLeading(term);
    } catch (error) {
      if (term.signal.aborted && error === term.signal.reason) return;
      options.onTrouble(trouble.workFailed(describeFailure(error)), error);
      term.end(endOfTerm.workFailed());
    }
  }

  async function keepRenewing(term: Term): Promise<void> {
    let triedAt = clock.now();
    while (term.isLeader()) {
      await clock.sleep(Math.max(0, triedAt + durations.retryPeriodMs - clock.now()), term.signal);
      if (!term.isLeader()) return;
      triedAt = clock.now();
      const attempt = await contender.renew(term.signal);
      if (attempt.result === 'held') term.extend(attempt.since);
      if (attempt.result === 'not-ours') term.end(endOfTerm.taken(attempt.holder));
    }
  }

  /** Waits for the work of an ended term; false when the shutdown came first. */
  async function hasEnded(work: Promise<void>, term: Term): Promise<boolean> {
    const done = new AbortController();
    const finished = work.then(() => done.abort());
    // Up to the deadline it could not have been anyone else's turn; a moment is due in any case.
    const patienceMs = Math.max(term.deadline() - clock.now(), durations.retryPeriodMs);
    await clock.sleep(patienceMs, done.signal);
    if (done.signal.aborted) return true;
    options.onTrouble(trouble.workUnfinished(leaseKey), undefined);
    await Promise.race([finished, aborted(signal, done.signal)]);
    return done.signal.aborted;
  }
}

/** Resolves when `signal` aborts; lets go of it when `unless` does. */
function aborted(signal: AbortSignal, unless: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true, signal: unless });
  if (signal.aborted) resolve();
  return promise;
}
