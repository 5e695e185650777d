import { expect, test } from 'vitest';
import {
  backdateMs,
  DEFAULT_ROTATION,
  findRotationProblems,
  type RotationDurations,
} from '../../../src/core/tls/rotation-durations.ts';

const SHORT: RotationDurations = { caMs: 9000, leafMs: 5000, settleMs: 500, overlapMs: 1000 };

test('the defaults, and a few seconds, work', () => {
  expect(findRotationProblems(DEFAULT_ROTATION)).toEqual([]);
  expect(findRotationProblems(SHORT)).toEqual([]);
});

test.each<[Partial<RotationDurations>, string]>([
  [{ caMs: 0 }, 'every duration of the certificate rotation must be more than 0'],
  [{ overlapMs: Number.NaN }, 'every duration of the certificate rotation must be more than 0'],
  [{ settleMs: Infinity }, 'every duration of the certificate rotation must be more than 0'],
  [{ leafMs: 2999, overlapMs: 1 }, 'the leaf duration must be 3 s or more (got 2.999 s)'],
  [{ leafMs: 9001 }, 'the leaf duration (9.001 s) must not exceed the CA duration (9 s)'],
  [{ settleMs: 3001 }, 'the settling time (3.001 s) must be less than a third of the CA duration (9 s)'],
  [{ overlapMs: 1834 }, 'the overlap (1.834 s) must be well below two thirds of the leaf duration (5 s)'],
])('%o', (change, sentence) => {
  expect(findRotationProblems({ ...SHORT, ...change })).toEqual([sentence]);
});

test('every problem is told at once', () => {
  expect(findRotationProblems({ caMs: 1000, leafMs: 2000, settleMs: 900, overlapMs: 5000 })).toHaveLength(4);
});

test('a life begins 5 minutes back, or a tenth of it', () => {
  expect(backdateMs(DEFAULT_ROTATION.leafMs)).toBe(300_000);
  expect(backdateMs(5000)).toBe(500);
});
