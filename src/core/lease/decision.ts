import { isSameRecord, type LeaseRecord } from './record.ts';

/** A record, and when this process saw it for the first time by its own monotonic clock (ms). */
export interface Observation {
  readonly record: LeaseRecord;
  readonly seenAt: number;
}

/**
 * What is known after one more look. A record that did not change keeps its time; so does the last one seen when the
 * Lease is gone, because its holder may not know yet.
 */
export function observe(
  previous: Observation | undefined,
  found: LeaseRecord | undefined,
  now: number,
): Observation | undefined {
  if (found === undefined) return previous;
  if (previous !== undefined && isSameRecord(previous.record, found)) return previous;
  return { record: found, seenAt: now };
}

export type LeaseDecision = 'create' | 'acquire' | 'renew' | 'wait';

export interface LeaseSituation {
  readonly exists: boolean;
  /** Of the Lease as it is, or as it was seen last. */
  readonly observation: Observation | undefined;
  readonly identity: string;
  /** The same clock as the observation's. */
  readonly now: number;
  /** What stands in for a record without a duration. */
  readonly leaseSeconds: number;
}

/**
 * What a process does about the Lease. A record has run out when it was seen unchanged for its own duration by the clock
 * of whoever looks: what other clocks wrote into it plays no part (client-go's tryAcquireOrRenew).
 *
 * | Lease   | holder seen last | its record | decision |
 * |---------|------------------|------------|----------|
 * | exists  | this process     | any        | renew    |
 * | exists  | nobody           | any        | acquire  |
 * | exists  | another          | runs       | wait     |
 * | exists  | another          | has run out| acquire  |
 * | missing | never seen       |            | create   |
 * | missing | this process     | any        | create   |
 * | missing | nobody           | any        | create   |
 * | missing | another          | runs       | wait     |
 * | missing | another          | has run out| create   |
 *
 * Waiting for a missing Lease is stricter than client-go: a leader whose Lease someone deleted leads on until its next
 * renewal, and puts it back then.
 */
export function decide(situation: LeaseSituation): LeaseDecision {
  const { exists, observation, identity } = situation;
  if (observation === undefined) return 'create';
  const { holder } = observation.record;
  if (holder === identity) return exists ? 'renew' : 'create';
  if (holder !== '' && !hasRunOut(observation, situation)) return 'wait';
  return exists ? 'acquire' : 'create';
}

function hasRunOut({ record, seenAt }: Observation, { now, leaseSeconds }: LeaseSituation): boolean {
  return now - seenAt >= (record.durationSeconds ?? leaseSeconds) * 1000;
}
