import { describe, expect, it } from 'vitest';
import { fill, labelled, table } from '../../src/cli/text-layout.ts';

const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ');

describe('paragraphs', () => {
  it('break at a hundred columns, and go on below their start', () => {
    const lines = fill(words(30), 4, '1. ');
    expect(lines.map((line) => line.length)).toEqual([96, 66]);
    expect(lines.map((line) => /^ *(?:1\. )?/.exec(line)?.[0])).toEqual(['    1. ', '       ']);
  });

  it('leave a word whole that is too long', () => {
    const command = 'x'.repeat(120);
    expect(fill(`a ${command} b`, 0)).toEqual(['a', command, 'b']);
  });

  it('stand beside their label', () => {
    expect(labelled('Kubelet', 'waits', 2)).toEqual(['  Kubelet         waits']);
    expect(labelled('Not these', '', 4)).toEqual(['    Not these']);
  });
});

describe('tables', () => {
  it('are as wide as what is in them, and the last column has lines', () => {
    expect(
      table(
        ['#', 'KEY', 'WHY'],
        [
          ['1', 'quay.io', words(18)],
          ['2', 'a', 'short'],
        ],
        2,
      ),
    ).toEqual([
      '                  #  KEY      WHY',
      `                  1  quay.io  ${words(14)}`,
      `                              ${words(4)}`,
      '                  2  a        short',
    ]);
  });

  it('put the last column below where the others take the width', () => {
    expect(table(['KEY', 'WHY'], [['k'.repeat(60), 'short']], 2)).toEqual([
      `${' '.repeat(18)}${'k'.repeat(60)}`,
      `${' '.repeat(20)}short`,
    ]);
  });

  it('are nothing without rows', () => expect(table(['KEY', 'WHY'], [], 2)).toEqual([]));
});
