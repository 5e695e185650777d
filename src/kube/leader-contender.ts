import type { Clock } from '../core/clock.ts';
import { decide, observe, type LeaseDecision, type Observation } from '../core/lease/decision.ts';
import { trouble, type ElectionTrouble } from '../core/lease/outcome.ts';
import { acquireRecord, createRecord, releaseRecord, renewRecord, type Writer } from '../core/lease/record.ts';
import { isKubeError } from './kube-error.ts';
import { formatMicroTime, type CallLimits, type LeaseApi, type StoredLease } from './leader-lease.ts';

/** What one try at the Lease came to. */
type Attempt =
  /** `since`: when the write that did it was sent, by the clock. */
  | { readonly result: 'held'; readonly since: number }
  /** The Lease is not ours to write now. `holder` is empty when it names nobody. */
  | { readonly result: 'not-ours'; readonly holder: string }
  /** Nobody knows: the API server refused, failed, or gave no answer. */
  | { readonly result: 'failed' };

export interface ContenderOptions {
  readonly lease: LeaseApi;
  /** `namespace/name`, for sentences. */
  readonly leaseKey: string;
  readonly identity: string;
  readonly leaseSeconds: number;
  readonly renewDeadlineMs: number;
  readonly clock: Clock;
  readonly onNewLeader?: (identity: string) => void;
  readonly onTrouble: (trouble: ElectionTrouble, cause: unknown) => void;
}

/** One process's dealings with the Lease. Nothing here rejects. */
export interface Contender {
  /** For who does not lead: takes the Lease if it is free. */
  acquire(signal: AbortSignal): Promise<Attempt>;
  /** For the leader: writes the Lease only if it still names this process, or is gone. */
  renew(signal: AbortSignal): Promise<Attempt>;
  /** Gives the Lease back if it names this process, or may after a write without an answer. */
  release(): Promise<void>;
}

export function createContender(options: ContenderOptions): Contender {
  const { lease, leaseKey, identity, leaseSeconds, renewDeadlineMs, clock, onTrouble } = options;
  // Half the deadline is the client timeout of Kubernetes' own components (resourcelock.NewFromKubeconfig): a renewal
  // that hangs leaves time for another. A read costs nothing to repeat, and a read that hangs on a dead connection is
  // what keeps a candidate from seeing that the API server is back: half of that.
  const writeTimeoutMs = renewDeadlineMs / 2;
  const readTimeoutMs = renewDeadlineMs / 4;

  let observation: Observation | undefined;
  let stored: StoredLease | undefined;
  let mayBeOurs = false;
  let reported = '';

  async function read(limits: CallLimits): Promise<StoredLease | undefined> {
    const found = await lease.read(limits);
    note(found, clock.now());
    return found;
  }

  function note(found: StoredLease | undefined, seenAt: number): void {
    stored = found;
    observation = observe(observation, found?.record, seenAt);
    mayBeOurs = found?.record.holder === identity;
    const leader = found?.record.holder ?? reported;
    if (leader === reported) return;
    reported = leader;
    if (leader !== '') options.onNewLeader?.(leader);
  }

  /** Rejects like the API. What the write would make true may be so from here on, answer or none. */
  async function write(decision: Exclude<LeaseDecision, 'wait'>, signal: AbortSignal): Promise<Attempt> {
    const since = clock.now();
    const writer: Writer = { identity, leaseSeconds, wallTime: formatMicroTime(clock.wallTime()) };
    const limits = { timeoutMs: writeTimeoutMs, signal };
    mayBeOurs = true;
    if (stored === undefined) {
      note(await lease.create(createRecord(writer), limits), since);
    } else {
      const record = (decision === 'renew' ? renewRecord : acquireRecord)(stored.record, writer);
      note(await lease.replace(stored, record, limits), since);
    }
    return { result: 'held', since };
  }

  async function readThenWrite(allowed: readonly LeaseDecision[], signal: AbortSignal): Promise<Attempt> {
    // The second round is for a write that came between our read and ours: it tells at once who won.
    for (let isLast = false; ; isLast = true) {
      let found: StoredLease | undefined;
      try {
        found = await read({ timeoutMs: readTimeoutMs, signal });
      } catch (error) {
        return fail(trouble.readFailed, error, signal);
      }
      const now = clock.now();
      const decision = decide({ exists: found !== undefined, observation, identity, now, leaseSeconds });
      if (decision === 'wait' || !allowed.includes(decision)) {
        return { result: 'not-ours', holder: found?.record.holder ?? '' };
      }
      try {
        return await write(decision, signal);
      } catch (error) {
        if (isLast || !isKubeError(error, 409)) return fail(trouble.writeFailed, error, signal);
      }
    }
  }

  async function renew(signal: AbortSignal): Promise<Attempt> {
    try {
      // Written on top of what was read last, in the hope that nobody wrote since: one call in place of two.
      if (stored !== undefined) return await write('renew', signal);
    } catch (error) {
      if (!isKubeError(error, 409)) return fail(trouble.writeFailed, error, signal);
    }
    return readThenWrite(['renew', 'create'], signal);
  }

  async function release(): Promise<void> {
    // What client-go allows it; a write of ours that is still on its way makes for a conflict and another round.
    const end = clock.now() + renewDeadlineMs;
    while (mayBeOurs && clock.now() < end) {
      try {
        const found = await read({ timeoutMs: readTimeoutMs });
        if (found?.record.holder !== identity) return;
        const record = releaseRecord(found.record, formatMicroTime(clock.wallTime()));
        note(await lease.replace(found, record, { timeoutMs: writeTimeoutMs }), clock.now());
      } catch (error) {
        if (isKubeError(error, 409)) continue;
        onTrouble(trouble.releaseFailed(leaseKey, describeFailure(error)), error);
        return;
      }
    }
  }

  function fail(say: typeof trouble.readFailed, error: unknown, signal: AbortSignal): Attempt {
    if (!signal.aborted) onTrouble(say(leaseKey, describeFailure(error)), error);
    return { result: 'failed' };
  }

  return { acquire: (signal) => readThenWrite(['create', 'acquire', 'renew'], signal), renew, release };
}

/** A KubeError's message is made to be read; any other's may hold anything, so its kind must do. */
export function describeFailure(error: unknown): string {
  if (isKubeError(error)) return `${error.status} ${error.reason}: ${error.message}`;
  return error instanceof Error ? error.name : typeof error;
}
