import { describe, expect, it } from 'vitest';
import { findOpenString, joinLines } from '../../src/manifest/line-joining.ts';

describe('joinLines', () => {
  it.each([
    ['a single-quoted string', "a:\n  b: 'x''\n  y'\n  c: d\n", "a:\n  b: 'x''   y'\n  c: d\n"],
    ['a double-quoted string', 'a:\n  b: "x\\"\r\ny"\n  c: d\n', 'a:\n  b: "x\\"  y"\n  c: d\n'],
    ['a string in a list', '- "x\ny"\n- z\n', '- "x y"\n- z\n'],
    ['brackets', 'a:\n  b: [\n1,\n2\n]\n  c: d\n', 'a:\n  b: [ 1, 2 ]\n  c: d\n'],
    ['braces with comments', 'a:\n  b: {\n# ]\nx: "#"}\n  c: d\n', 'a:\n  b: {     x: "#"}\n  c: d\n'],
    ['a word with an apostrophe', "a:\n- [it's,\n'x]'\n]\n- b\n", "a:\n- [it's, 'x]' ]\n- b\n"],
    ['one after the other', "- 'a\nb'\n---\n- 'c\nd'\n- 'e\nf'\n", "- 'a b'\n---\n- 'c d'\n- 'e f'\n"],
  ])('joins the lines of %s, and keeps every offset', (_title, text, joined) => {
    expect(joinLines(text)).toBe(joined);
    expect(joined).toHaveLength(text.length);
  });

  it.each([
    ['what is indented enough', "a: 'x\n  y'\nb: [\n  c\n]\n"],
    ['a string that is never closed', "a:\n  b: 'x\n  c: d\n"],
    ['brackets that are never closed', 'a:\n  b: [x\n  c: d\n'],
    ['quotes and brackets that are none', "a: it's\nb: |\n  'x\n  [\nc: x [y\n"],
  ])('leaves %s', (_title, text) => {
    expect(joinLines(text)).toBe(text);
  });
});

it('finds where a string starts that is never closed', () => {
  expect(findOpenString('a: "b"\nc: "d\ne: f\n')).toBe('a: "b"\nc: '.length);
  expect(findOpenString('a: "b"\n')).toBeUndefined();
});
