/**
 * What an election reads and writes of a Lease's spec. The times are RFC 3339 with microseconds, kept as text: they are
 * for people and for telling one record from another, and are never compared with a clock.
 */
export interface LeaseRecord {
  /** `holderIdentity`; empty when nobody holds it. */
  readonly holder: string;
  readonly durationSeconds: number | undefined;
  readonly acquireTime: string | undefined;
  readonly renewTime: string | undefined;
  /** `leaseTransitions`: how often the Lease changed hands. */
  readonly transitions: number;
}

/** Who writes a record, and when by its own wall clock. */
export interface Writer {
  readonly identity: string;
  readonly leaseSeconds: number;
  readonly wallTime: string;
}

/**
 * Whether nobody has renewed between two looks. The spec alone counts, as in client-go: an annotation or label that
 * someone puts on the Lease is no sign of life.
 */
export function isSameRecord(a: LeaseRecord, b: LeaseRecord): boolean {
  return (
    a.holder === b.holder &&
    a.durationSeconds === b.durationSeconds &&
    a.acquireTime === b.acquireTime &&
    a.renewTime === b.renewTime &&
    a.transitions === b.transitions
  );
}

/** The first record of a Lease. */
export function createRecord(writer: Writer): LeaseRecord {
  return heldBy(writer, writer.wallTime, 0);
}

/** The record of a new holder. client-go counts a transition here even when the Lease was released before. */
export function acquireRecord(previous: LeaseRecord, writer: Writer): LeaseRecord {
  return heldBy(writer, writer.wallTime, previous.transitions + 1);
}

/** The record of the same holder, a little later. */
export function renewRecord(previous: LeaseRecord, writer: Writer): LeaseRecord {
  return heldBy(writer, previous.acquireTime ?? writer.wallTime, previous.transitions);
}

/** What client-go's ReleaseOnCancel leaves: nobody holds it, and whoever cannot see that waits for a second only. */
export function releaseRecord(previous: LeaseRecord, wallTime: string): LeaseRecord {
  return {
    holder: '',
    durationSeconds: 1,
    acquireTime: wallTime,
    renewTime: wallTime,
    transitions: previous.transitions,
  };
}

function heldBy(writer: Writer, acquireTime: string, transitions: number): LeaseRecord {
  return {
    holder: writer.identity,
    durationSeconds: writer.leaseSeconds,
    acquireTime,
    renewTime: writer.wallTime,
    transitions,
  };
}
