/** Why a term of leadership ended: a code for metrics and logs, a sentence for people. */
export interface EndOfTerm {
  readonly code: 'shutdown' | 'deadline' | 'taken' | 'work-failed';
  readonly sentence: string;
}

export const endOfTerm = {
  shutdown: (): EndOfTerm => ({ code: 'shutdown', sentence: 'this process is shutting down' }),
  deadline: (renewDeadlineMs: number): EndOfTerm => ({
    code: 'deadline',
    sentence: `no renewal was accepted for ${renewDeadlineMs / 1000} s`,
  }),
  taken: (holder: string): EndOfTerm => ({
    code: 'taken',
    sentence: holder === '' ? 'the Lease says that nobody leads' : `the Lease says that ${holder} leads`,
  }),
  workFailed: (): EndOfTerm => ({ code: 'work-failed', sentence: "the leader's work failed, so another may lead" }),
};

/** What went wrong in an election without ending it: the next try follows by itself. */
export interface ElectionTrouble {
  readonly code: 'read-failed' | 'write-failed' | 'release-failed' | 'work-failed' | 'work-unfinished';
  readonly sentence: string;
}

/** `lease` is `namespace/name`; `detail` says what the API server answered. */
export const trouble = {
  readFailed: (lease: string, detail: string): ElectionTrouble => ({
    code: 'read-failed',
    sentence: `Lease ${lease} could not be read: ${detail}`,
  }),
  writeFailed: (lease: string, detail: string): ElectionTrouble => ({
    code: 'write-failed',
    sentence: `Lease ${lease} could not be written: ${detail}`,
  }),
  releaseFailed: (lease: string, detail: string): ElectionTrouble => ({
    code: 'release-failed',
    sentence: `Lease ${lease} could not be released, others take over when it has run out: ${detail}`,
  }),
  workFailed: (detail: string): ElectionTrouble => ({
    code: 'work-failed',
    sentence: `the leader's work failed: ${detail}`,
  }),
  workUnfinished: (lease: string): ElectionTrouble => ({
    code: 'work-unfinished',
    sentence: `the leader's work goes on after its term: until it ends, no other term of Lease ${lease} begins here and the Lease is not released`,
  }),
};
