import { describe, expect, it } from 'vitest';
import { readOrigins, renderOrigins } from '../../../src/core/secret/sources-annotation.ts';

describe('renderOrigins', () => {
  it('is the same text for the same entries, in any order', () => {
    const entries = [
      { source: 'b', key: 'z.io' },
      { source: 'a', key: 'y.io' },
      { source: 'b', key: 'Z.io' },
      { source: 'B', key: 'x.io' },
    ];
    const text = '{"B":["x.io"],"a":["y.io"],"b":["Z.io","z.io"]}';
    expect(renderOrigins(entries)).toBe(text);
    expect(renderOrigins(entries.toReversed())).toBe(text);
  });

  it('is an empty object for no entries', () => {
    expect(renderOrigins([])).toBe('{}');
  });

  it('holds names that are no plain words, numbers first or not', () => {
    const entries = [
      { source: '10', key: 'a"b.io/*' },
      { source: '9', key: 'ä.io' },
    ];
    expect(renderOrigins(entries)).toBe('{"10":["a\\"b.io/*"],"9":["ä.io"]}');
    expect(new Set(readOrigins(renderOrigins(entries)).map(({ source, key }) => `${source} ${key}`))).toEqual(
      new Set(['10 a"b.io/*', '9 ä.io']),
    );
  });
});

describe('readOrigins', () => {
  it('reads what was rendered', () => {
    const entries = [
      { source: 'a', key: 'x.io' },
      { source: 'a', key: 'y.io' },
      { source: 'b', key: 'x.io/team' },
    ];
    expect(readOrigins(renderOrigins(entries))).toEqual(entries);
  });

  it.each([
    [undefined],
    [''],
    ['{'],
    ['null'],
    ['[]'],
    ['"x"'],
    ['{"a":"x.io"}'],
    ['{"a":[1,null]}'],
    ['{"a":{"b":[]}}'],
  ])('finds nothing in %j, which somebody else wrote', (annotation) => {
    expect(readOrigins(annotation)).toEqual([]);
  });

  it('survives names that mean something to JavaScript', () => {
    expect(readOrigins('{"__proto__":["x.io"],"constructor":["y.io"]}')).toEqual([
      { source: '__proto__', key: 'x.io' },
      { source: 'constructor', key: 'y.io' },
    ]);
  });
});
