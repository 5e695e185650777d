import { describe, expect, test } from 'vitest';
import type { RotationDurations } from '../../../src/core/tls/rotation-durations.ts';
import {
  planRotation,
  wantedBundle,
  type AuthorityView,
  type HeldView,
  type LiveBundle,
  type RotationAction,
} from '../../../src/core/tls/rotation-plan.ts';

const HOUR = 3_600_000;
/** A leaf's start is backdated by a tenth of its life here (5 minutes at most), and dates are cut to seconds. */
const DURATIONS: RotationDurations = { caMs: 90 * HOUR, leafMs: 30 * HOUR, settleMs: HOUR, overlapMs: 6 * HOUR };
const BACKDATE = 300_000;
const NOW = 1000 * HOUR;

function authority(id: string, age: number, hasKey = true): AuthorityView {
  const notBefore = NOW - age;
  return { id, notBefore, notAfter: notBefore + DURATIONS.caMs, hasKey };
}

const FRESH_CA = authority('ca', 10 * HOUR);
const DUE_CA = authority('ca', 60 * HOUR);
const KEYLESS_CA = authority('ca', 10 * HOUR, false);
const EXPIRED_CA = authority('ca', 90 * HOUR);
const NEXT = authority('next', HOUR / 2);
const EXPIRED_NEXT = authority('next', 90 * HOUR);

function leafOfAge(age: number): { notBefore: number; notAfter: number } {
  return { notBefore: NOW - age, notAfter: NOW - age + DURATIONS.leafMs };
}

const FRESH_LEAF = leafOfAge(HOUR);
const DUE_LEAF = leafOfAge(20 * HOUR);
const EXPIRED_LEAF = leafOfAge(30 * HOUR);

const SOUND: HeldView = { ca: FRESH_CA, next: undefined, old: [], leaf: FRESH_LEAF, nextLiveSince: undefined };
const INTRODUCING: HeldView = { ...SOUND, ca: DUE_CA, next: NEXT };
const SETTLED: HeldView = { ...INTRODUCING, nextLiveSince: NOW - HOUR };
const SETTLING: HeldView = { ...INTRODUCING, nextLiveSince: NOW - HOUR + 1 };
const NOTHING: HeldView = { ca: undefined, next: undefined, old: [], leaf: undefined, nextLiveSince: undefined };

const CA_EVERYWHERE: readonly LiveBundle[] = [['ca'], ['ca']];
const BOTH_EVERYWHERE: readonly LiveBundle[] = [
  ['ca', 'next'],
  ['ca', 'next'],
];

const issueUnusable: RotationAction = { action: 'issue-leaf', reason: 'unusable' };
const issueDue: RotationAction = { action: 'issue-leaf', reason: 'due' };
function publish(...bundle: string[]): RotationAction {
  return { action: 'publish', bundle };
}

describe('the table, row by row', () => {
  test.each<[row: string, held: HeldView, live: readonly LiveBundle[], expected: RotationAction]>([
    ['1: nothing at all', NOTHING, [[], []], { action: 'create' }],
    ['1: nothing, another CA live', NOTHING, [['foreign'], ['foreign']], { action: 'create' }],
    ['1: a leaf without its CA', { ...NOTHING, leaf: FRESH_LEAF }, CA_EVERYWHERE, { action: 'create' }],
    ['1: CA expired', { ...SOUND, ca: EXPIRED_CA }, CA_EVERYWHERE, { action: 'create' }],
    [
      '1: CA and next CA expired',
      { ...SETTLED, ca: EXPIRED_CA, next: EXPIRED_NEXT },
      BOTH_EVERYWHERE,
      { action: 'create' },
    ],

    ['2: settled', SETTLED, BOTH_EVERYWHERE, { action: 'switch' }],
    ['2: settled, leaf due', { ...SETTLED, leaf: DUE_LEAF }, BOTH_EVERYWHERE, { action: 'switch' }],
    ['2: settled, leaf expired', { ...SETTLED, leaf: EXPIRED_LEAF }, BOTH_EVERYWHERE, { action: 'switch' }],
    ['2: settled, CA without key', { ...SETTLED, ca: KEYLESS_CA }, BOTH_EVERYWHERE, { action: 'switch' }],
    ['2: settled, CA expired', { ...SETTLED, ca: EXPIRED_CA, leaf: undefined }, BOTH_EVERYWHERE, { action: 'switch' }],
    ['2: settled, CA gone', { ...SETTLED, ca: undefined, leaf: undefined }, [['next'], ['next']], { action: 'switch' }],
    ['2: settled, a bundle with more in it', SETTLED, [['ca', 'next', 'foreign'], ['next']], { action: 'switch' }],
    ['2: settled, no configuration exists', SETTLED, [], { action: 'switch' }],

    ['3: leaf missing', { ...SOUND, leaf: undefined }, CA_EVERYWHERE, issueUnusable],
    ['3: leaf expired', { ...SOUND, leaf: EXPIRED_LEAF }, CA_EVERYWHERE, issueUnusable],
    ['3: leaf missing, bundles wiped', { ...SOUND, leaf: undefined }, [[], []], issueUnusable],
    ['3: leaf missing, next settling', { ...SETTLING, leaf: undefined }, BOTH_EVERYWHERE, issueUnusable],
    ['3: leaf missing, next settled, wiped', { ...SETTLED, leaf: undefined }, [['ca'], []], issueUnusable],

    ['4: leaf due', { ...SOUND, leaf: DUE_LEAF }, CA_EVERYWHERE, issueDue],
    ['4: leaf due, no rights on the bundles', { ...SOUND, leaf: DUE_LEAF }, [[], []], issueDue],
    ['4: leaf due, next settling', { ...SETTLING, leaf: DUE_LEAF }, BOTH_EVERYWHERE, issueDue],
    ['4: leaf due, next not live', { ...INTRODUCING, leaf: DUE_LEAF }, CA_EVERYWHERE, issueDue],

    ['5: next settled, one bundle wiped', SETTLED, [['ca', 'next'], []], { action: 'forget-live' }],
    ['5: next settling, one bundle without it', SETTLING, [['ca'], ['ca', 'next']], { action: 'forget-live' }],
    [
      '6: marked by a clock ahead of ours',
      { ...INTRODUCING, nextLiveSince: NOW + 1 },
      BOTH_EVERYWHERE,
      { action: 'forget-live' },
    ],

    ['7: empty bundles', SOUND, [[], []], publish('ca')],
    ['7: one wiped', SOUND, [['ca'], []], publish('ca')],
    ['7: a foreign CA added', SOUND, [['ca'], ['ca', 'foreign']], publish('ca')],
    ['7: next CA not live yet', INTRODUCING, CA_EVERYWHERE, publish('ca', 'next')],
    ['7: next CA live on one', INTRODUCING, [['ca', 'next'], ['ca']], publish('ca', 'next')],
    [
      '7: another order',
      INTRODUCING,
      [
        ['ca', 'next'],
        ['next', 'ca'],
      ],
      publish('ca', 'next'),
    ],
    ['7: an old CA wiped', { ...SOUND, old: ['old'] }, CA_EVERYWHERE, publish('old', 'ca')],
    [
      '7: an old CA dropped from the Secret',
      SOUND,
      [
        ['old', 'ca'],
        ['old', 'ca'],
      ],
      publish('ca'),
    ],
    ['7: CA without key and leaf', { ...SOUND, ca: KEYLESS_CA, leaf: undefined }, [[], []], publish('ca')],
    ['7: next CA expired', { ...SOUND, next: EXPIRED_NEXT }, BOTH_EVERYWHERE, publish('ca')],
    ['7: CA gone, next there', { ...NOTHING, next: NEXT }, [['gone'], ['gone']], publish('next')],

    ['8: CA due', { ...SOUND, ca: DUE_CA }, CA_EVERYWHERE, { action: 'create-next' }],
    ['8: CA without key', { ...SOUND, ca: KEYLESS_CA }, CA_EVERYWHERE, { action: 'create-next' }],
    [
      '8: CA without key, leaf due',
      { ...SOUND, ca: KEYLESS_CA, leaf: DUE_LEAF },
      CA_EVERYWHERE,
      { action: 'create-next' },
    ],
    [
      '8: CA without key, leaf missing',
      { ...SOUND, ca: KEYLESS_CA, leaf: undefined },
      CA_EVERYWHERE,
      { action: 'create-next' },
    ],
    ['8: CA due, next expired', { ...SOUND, ca: DUE_CA, next: EXPIRED_NEXT }, CA_EVERYWHERE, { action: 'create-next' }],
    [
      '8: CA due, old one still trusted',
      { ...SOUND, ca: DUE_CA, old: ['old'] },
      [['old', 'ca']],
      { action: 'create-next' },
    ],
    ['8: CA due, no configuration exists', { ...SOUND, ca: DUE_CA }, [], { action: 'create-next' }],

    ['9: next live, not marked', INTRODUCING, BOTH_EVERYWHERE, { action: 'mark-live' }],
    ['9: no configuration exists', INTRODUCING, [], { action: 'mark-live' }],

    [
      '10: overlap over',
      { ...SOUND, old: ['old'], leaf: leafOfAge(6 * HOUR + BACKDATE + 1000) },
      [['old', 'ca']],
      { action: 'drop-old' },
    ],
    [
      '10: overlap over, next settling',
      { ...SETTLING, old: ['old'], leaf: leafOfAge(7 * HOUR) },
      [['old', 'ca', 'next']],
      { action: 'drop-old' },
    ],
  ])('%s', (_row, held, live, expected) => {
    expect(planRotation(held, live, DURATIONS, NOW)).toEqual(expected);
  });
});

describe('row 11: the wait ends with what is due first', () => {
  const due = FRESH_LEAF.notBefore + 20 * HOUR;
  test.each<[row: string, held: HeldView, live: readonly LiveBundle[], until: number]>([
    ['the leaf', SOUND, CA_EVERYWHERE, due],
    ['the leaf, no configuration exists', SOUND, [], due],
    ['the CA', { ...SOUND, ca: authority('ca', 59 * HOUR) }, CA_EVERYWHERE, NOW + HOUR],
    ['the settling', SETTLING, BOTH_EVERYWHERE, NOW + 1],
    ['the settling, leaf and CA gone', { ...SETTLING, ca: undefined, leaf: undefined }, [['next']], NOW + 1],
    ['the overlap', { ...SOUND, old: ['old'], leaf: leafOfAge(6 * HOUR + BACKDATE + 999) }, [['old', 'ca']], NOW + 1],
    // Nothing is gained by a leaf that ends with its CA: the next CA is what is due.
    [
      'the CA, when the leaf ends with it',
      { ...SOUND, ca: authority('ca', 59 * HOUR), leaf: { notBefore: NOW - 9 * HOUR, notAfter: NOW + 31 * HOUR } },
      CA_EVERYWHERE,
      NOW + HOUR,
    ],
    // A leaf from times of longer durations is replaced once a new one would outlive it, not in its last third.
    [
      'the leaf, issued for longer than is usual now',
      { ...SOUND, leaf: { notBefore: NOW - 80 * HOUR, notAfter: NOW + 40 * HOUR } },
      CA_EVERYWHERE,
      NOW + 10 * HOUR + BACKDATE + 1000,
    ],
  ])('%s', (_row, held, live, until) => {
    expect(planRotation(held, live, DURATIONS, NOW)).toEqual({ action: 'wait', until });
    expect(planRotation(held, live, DURATIONS, until)).not.toMatchObject({ action: 'wait' });
  });
});

test('what is wanted live: old CAs, the CA, the next one, in this order', () => {
  expect(wantedBundle({ ...INTRODUCING, old: ['older', 'old'] }, NOW)).toEqual(['older', 'old', 'ca', 'next']);
  expect(wantedBundle({ ...SOUND, next: EXPIRED_NEXT }, NOW)).toEqual(['ca']);
  expect(wantedBundle(NOTHING, NOW)).toEqual([]);
});

test('a switch leaves the live bundles as they are', () => {
  const before = wantedBundle(SETTLED, NOW);
  const after = wantedBundle({ ...SETTLED, ca: NEXT, next: undefined, old: ['ca'] }, NOW);
  expect(after).toEqual(before);
});
