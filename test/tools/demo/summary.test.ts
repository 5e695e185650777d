import { expect, test } from 'vitest';
import { renderSummary } from '../../../tools/demo/summary.ts';

test('all steps held', () => {
  const results = [
    { title: 'Short', held: true, note: '' },
    { title: 'Somewhat longer', held: true, note: 'in 7 ms' },
  ];
  expect(renderSummary(results, 12_345)).toEqual([
    { line: '   1  held    Short', held: true },
    { line: '   2  held    Somewhat longer  in 7 ms', held: true },
    { line: '\nAll 2 steps were seen to hold, in 12s.', held: true },
  ]);
});

test('one step did not hold', () => {
  const results = [
    { title: 'Good', held: true, note: '' },
    { title: 'Bad', held: false, note: 'the Pod is untouched' },
  ];
  expect(renderSummary(results, 1000)).toEqual([
    { line: '   1  held    Good', held: true },
    { line: '   2  FAILED  Bad   the Pod is untouched', held: false },
    { line: '\n1 of 2 steps did not hold.', held: false },
  ]);
});
