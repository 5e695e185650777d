import { describe, expect, test } from 'vitest';
import { decide, observe, type LeaseDecision } from '../../../src/core/lease/decision.ts';
import type { LeaseRecord } from '../../../src/core/lease/record.ts';

const SEEN_AT = 5000;
const record = (holder: string, change: Partial<LeaseRecord> = {}): LeaseRecord => ({
  holder,
  durationSeconds: 15,
  acquireTime: undefined,
  renewTime: undefined,
  transitions: 0,
  ...change,
});

type Row = [lease: 'exists' | 'missing', holder: string | undefined, elapsedMs: number, decision: LeaseDecision];

// Row by row the table at decide(); where it says "any", both sides of the border.
const table: Row[] = [
  ['exists', 'us', 0, 'renew'],
  ['exists', 'us', 15_000, 'renew'],
  ['exists', '', 0, 'acquire'],
  ['exists', '', 15_000, 'acquire'],
  ['exists', 'them', 14_999, 'wait'],
  ['exists', 'them', 15_000, 'acquire'],
  ['missing', undefined, 0, 'create'],
  ['missing', 'us', 0, 'create'],
  ['missing', 'us', 15_000, 'create'],
  ['missing', '', 0, 'create'],
  ['missing', '', 15_000, 'create'],
  ['missing', 'them', 14_999, 'wait'],
  ['missing', 'them', 15_000, 'create'],
];

describe('decide', () => {
  test.each(table)('Lease %s, holder %s, unchanged for %d ms: %s', (lease, holder, elapsedMs, decision) => {
    const observation = holder === undefined ? undefined : { record: record(holder), seenAt: SEEN_AT };
    const now = SEEN_AT + elapsedMs;
    expect(decide({ exists: lease === 'exists', observation, identity: 'us', now, leaseSeconds: 99 })).toBe(decision);
  });

  test.each([
    [1, 999, 'wait'],
    [1, 1000, 'acquire'],
    [undefined, 14_999, 'wait'],
    [undefined, 15_000, 'acquire'],
  ] as const)(
    "a record's own duration of %s s counts, else ours: after %d ms %s",
    (durationSeconds, elapsedMs, what) => {
      const observation = { record: record('them', { durationSeconds }), seenAt: SEEN_AT };
      const now = SEEN_AT + elapsedMs;
      expect(decide({ exists: true, observation, identity: 'us', now, leaseSeconds: 15 })).toBe(what);
    },
  );

  test('times that another clock wrote play no part', () => {
    const long = { acquireTime: '1990-01-01T00:00:00.000000Z', renewTime: '1990-01-01T00:00:00.000000Z' };
    const observation = { record: record('them', long), seenAt: SEEN_AT };
    expect(decide({ exists: true, observation, identity: 'us', now: SEEN_AT, leaseSeconds: 15 })).toBe('wait');
  });
});

describe('observe', () => {
  const previous = { record: record('them', { renewTime: 'a' }), seenAt: SEEN_AT };

  test('a first record is seen now', () => {
    expect(observe(undefined, previous.record, 9000)).toEqual({ record: previous.record, seenAt: 9000 });
  });

  test('an unchanged record keeps its time', () => {
    expect(observe(previous, { ...previous.record }, 9000)).toEqual(previous);
  });

  test('a changed record is seen now', () => {
    const changed = record('them', { renewTime: 'b' });
    expect(observe(previous, changed, 9000)).toEqual({ record: changed, seenAt: 9000 });
  });

  test('a record that is gone is remembered', () => {
    expect(observe(previous, undefined, 9000)).toEqual(previous);
    expect(observe(undefined, undefined, 9000)).toBeUndefined();
  });
});
