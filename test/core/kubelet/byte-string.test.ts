import { describe, expect, it } from 'vitest';
import { compareBytes, fromByteString, toByteString } from '../../../src/core/kubelet/byte-string.ts';

describe('a byte string', () => {
  it.each(['', 'foo.io', '\u007f\u0080', '\u07ff\u0800', '\ud7ff\ue000\uffff', '\u{10000}\u{10ffff}', 'b\u00fccher'])(
    'holds the UTF-8 of %j and gives it back',
    (text) => {
      expect(toByteString(text)).toBe(Buffer.from(text).toString('latin1'));
      expect(fromByteString(toByteString(text))).toBe(text);
    },
  );

  it.each([
    'continuation alone: \x80',
    'overlong: \xc0\x80 \xe0\x80\x80 \xf0\x80\x80\x80',
    'surrogate: \xed\xa0\x80',
    'too high: \xf4\x90\x80\x80',
    'cut: \xe2\x82',
  ])('keeps bytes that are no UTF-8 (%j)', (bytes) => {
    expect(toByteString(fromByteString(bytes))).toBe(bytes);
  });
});

describe('byte order', () => {
  it('is not that of UTF-16 units', () => {
    const texts = ['\u{1f433}', '\uff5e', 'a/', 'a-', 'B', 'a'];
    expect(texts.sort(compareBytes)).toEqual(['B', 'a', 'a-', 'a/', '\uff5e', '\u{1f433}']);
  });

  it('is zero for the same text', () => {
    expect(compareBytes('foo.io', 'foo.io')).toBe(0);
  });
});
