import { describe, expect, test } from 'vitest';
import { candidateWaitMs, DEFAULT_DURATIONS, findDurationProblems } from '../../../src/core/lease/durations.ts';

const problemsOf = (leaseSeconds: number, renewDeadlineMs: number, retryPeriodMs: number): readonly string[] =>
  findDurationProblems({ leaseSeconds, renewDeadlineMs, retryPeriodMs });

describe('durations', () => {
  test("the defaults are those of Kubernetes' components, and work", () => {
    expect(DEFAULT_DURATIONS).toEqual({ leaseSeconds: 15, renewDeadlineMs: 10_000, retryPeriodMs: 2000 });
    expect(findDurationProblems(DEFAULT_DURATIONS)).toEqual([]);
  });

  test.each<[lease: number, deadline: number, retry: number, problems: string[]]>([
    [1, 900, 700, []],
    [1.5, 900, 700, ['the lease duration must be a whole number of seconds, 1 or more (got 1.5 s)']],
    [10, 10_000, 2000, ['the lease duration (10 s) must exceed the renew deadline (10000 ms)']],
    [15, 2400, 2000, ['the renew deadline (2400 ms) must exceed 1.2 retry periods (2000 ms each)']],
    [15, 10_000, 0, ['the retry period must be more than 0 (got 0 ms)']],
    [
      0,
      0,
      -1,
      [
        'the lease duration must be a whole number of seconds, 1 or more (got 0 s)',
        'the lease duration (0 s) must exceed the renew deadline (0 ms)',
        'the retry period must be more than 0 (got -1 ms)',
      ],
    ],
  ])('lease %d s, deadline %d ms, retry %d ms', (lease, deadline, retry, problems) => {
    expect(problemsOf(lease, deadline, retry)).toEqual(problems);
  });

  test.each([
    [Number.NaN, 10_000, 2000],
    [15, Number.NaN, 2000],
    [15, 10_000, Number.NaN],
    [Infinity, 10_000, 2000],
  ])('lease %d s, deadline %d ms, retry %d ms: refused', (lease, deadline, retry) => {
    expect(problemsOf(lease, deadline, retry)).not.toEqual([]);
  });

  test.each([
    [0, 2000],
    [0.5, 3200],
    [1, 4400],
  ])('a candidate that draws %d waits %d ms', (drawn, expected) => {
    expect(candidateWaitMs(DEFAULT_DURATIONS, () => drawn)).toBe(expected);
  });
});
