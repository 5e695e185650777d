import { describe, expect, it } from 'vitest';
import { aboveComments, blankBefore, lineAt, lineBreakAt, lineEnd, lineStart } from '../../src/manifest/text-line.ts';

describe.each([
  ['LF', '\n'],
  ['CR LF', '\r\n'],
  ['CR', '\r'],
])('with lines that end in %s', (_title, lineBreak) => {
  const text = ['a:', '', '  # one', ' # two', '  b: c', 'end'].join(lineBreak);
  const offset = text.indexOf('b:');

  it('finds a line by any offset in it', () => {
    const start = text.indexOf('  b:');
    const end = text.indexOf(`${lineBreak}end`);
    for (let at = start; at <= end; at++) {
      expect([lineAt(text, at), lineStart(text, at), lineEnd(text, at), lineBreakAt(text, at)]).toEqual([
        5,
        start,
        end,
        lineBreak,
      ]);
    }
  });

  it('knows the first and the last line', () => {
    expect([lineAt(text, 0), lineStart(text, 0), lineEnd(text, 0)]).toEqual([1, 0, 2]);
    const last = text.length;
    expect([lineAt(text, last), lineStart(text, last), lineEnd(text, last)]).toEqual([6, last - 3, last]);
    expect(lineBreakAt(text, last)).toBe(lineBreak);
  });

  it('tells the blanks before the first thing in a line', () => {
    expect(blankBefore(text, offset)).toBe('  ');
    expect(blankBefore(text, offset + 3)).toBeUndefined();
    expect(blankBefore(text, 0)).toBe('');
  });

  it('goes above the comments right on top of a line, not beyond a blank one', () => {
    expect(aboveComments(text, lineStart(text, offset))).toBe(text.indexOf('  # one'));
    expect(aboveComments(text, text.indexOf('end'))).toBe(text.indexOf('end'));
  });
});

it('takes LF where there is no line break', () => {
  expect(lineBreakAt('a', 0)).toBe('\n');
});

it('goes above comments up to the start of the text, and not above a byte order mark', () => {
  expect(aboveComments('# a\n# b\nc', 8)).toBe(0);
  expect(aboveComments('\ufeff# a\n# b\nc', 9)).toBe(1);
});

it('counts a byte order mark to no line', () => {
  expect(lineStart('\ufeffa', 1)).toBe(1);
  expect(blankBefore('\ufeff  a', 3)).toBe('  ');
  expect(blankBefore('b\ufeffa', 2)).toBeUndefined();
});
