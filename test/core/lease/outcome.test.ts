import { expect, test } from 'vitest';
import { endOfTerm, trouble } from '../../../src/core/lease/outcome.ts';

test.each([
  [endOfTerm.shutdown(), 'shutdown', 'this process is shutting down'],
  [endOfTerm.deadline(10_000), 'deadline', 'no renewal was accepted for 10 s'],
  [endOfTerm.taken('b'), 'taken', 'the Lease says that b leads'],
  [endOfTerm.taken(''), 'taken', 'the Lease says that nobody leads'],
  [endOfTerm.workFailed(), 'work-failed', "the leader's work failed, so another may lead"],
  [trouble.readFailed('n/l', '500'), 'read-failed', 'Lease n/l could not be read: 500'],
  [trouble.writeFailed('n/l', '500'), 'write-failed', 'Lease n/l could not be written: 500'],
  [
    trouble.releaseFailed('n/l', '500'),
    'release-failed',
    'Lease n/l could not be released, others take over when it has run out: 500',
  ],
  [trouble.workFailed('TypeError'), 'work-failed', "the leader's work failed: TypeError"],
  [
    trouble.workUnfinished('n/l'),
    'work-unfinished',
    "the leader's work goes on after its term: until it ends, no other term of Lease n/l begins here and the Lease is not released",
  ],
])('%o', (outcome, code, sentence) => expect(outcome).toEqual({ code, sentence }));
