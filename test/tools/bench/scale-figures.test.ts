import { describe, expect, it } from 'vitest';
import { percentile, renderFigures, type Figure } from '../../../tools/bench/scale-figures.ts';

function ratio(measured: number): Figure {
  return { what: 'ratio', measured, unit: '', atLeast: 0.8 };
}

describe('the table', () => {
  it('has a row for each figure, with what it was made from', () => {
    const figures: Figure[] = [
      { what: 'time', measured: 4.26, unit: 'ms', atMost: 5, from: '6 to 2' },
      { what: 'nothing asked', measured: 1.234, unit: '' },
      ratio(0.5),
    ];
    expect(renderFigures(figures, 1).table.split('\n')).toEqual([
      '| figure        | measured | limit  |         | from   |',
      '| ------------- | -------- | ------ | ------- | ------ |',
      '| time          | 4.3 ms   | ≤ 5 ms | met     | 6 to 2 |',
      '| nothing asked | 1.23     |        |         |        |',
      '| ratio         | 0.50     | ≥ 0.8  | NOT MET |        |',
    ]);
  });

  it.each([
    [[ratio(0.8)], 1, true],
    [[ratio(0.79)], 1, false],
    [[ratio(0.21)], 4, true],
    [[ratio(0.19)], 4, false],
    [[ratio(0.9), ratio(0.1)], 4, false],
    [[{ what: 'time', measured: 19, unit: 'ms', atMost: 5 }], 4, true],
    [[{ what: 'time', measured: 21, unit: 'ms', atMost: 5 }], 4, false],
    [[{ what: 'memory, which a busy machine does not change', measured: 151, unit: 'MB', atMost: 150 }], 4, false],
    [[{ what: 'never measured', measured: Number.NaN, unit: '', atMost: 1 }], 4, false],
    [[{ what: 'nothing asked', measured: 1000, unit: '' }], 1, true],
  ] satisfies [Figure[], number, boolean][])('%j with slack %d passes: %s', (figures, slack, expected) => {
    expect(renderFigures(figures, slack).passes).toBe(expected);
  });

  it('says of what passes by slack alone that it was not met', () => {
    expect(renderFigures([ratio(0.5)], 2).table).toContain('not met, within slack');
  });
});

it.each([
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 2, 3], 0.5, 2],
  [[1, 2, 3, 4], 0.99, 4],
  [[5], 0.5, 5],
  [[], 0.5, Number.NaN],
])('of %j, a share of %d does not exceed %d', (values, share, expected) => {
  expect(percentile(values, share)).toBe(expected);
});
