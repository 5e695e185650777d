// Go strings are bytes, JavaScript strings are UTF-16 units. The kubelet's rules (byte order, percent escapes that
// decode to anything) only come out right on bytes, so where it matters a text is turned into a "byte string": a
// string whose every unit is one byte of the text's UTF-8. A text of ASCII alone is its own byte string.
//
// Bytes that are no UTF-8 (a percent escape can make them) survive the way back as the lone surrogates
// U+DC80..U+DCFF, the way Python's `surrogateescape` does it, so that nothing is lost when a key is parsed twice.

/** Tells whether the text is ASCII alone. */
export function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}

/** The UTF-8 bytes of the text, one unit each. A lone surrogate is what Go's JSON decoder makes of it: U+FFFD. */
export function toByteString(text: string): string {
  if (isAscii(text)) return text;
  let bytes = '';
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x80) bytes += character;
    else if (point >= 0xdc80 && point <= 0xdcff) bytes += String.fromCharCode(point - 0xdc00);
    else bytes += encode(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
  }
  return bytes;
}

/** The text whose UTF-8 bytes these are; see the head of this file for bytes that are none. */
export function fromByteString(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      text += String.fromCharCode(0xdc00 + bytes.charCodeAt(at));
      at += 1;
    } else {
      text += decode(bytes, at, length);
      at += length;
    }
  }
  return text;
}

/** Byte order, as Go's `sort.Strings`: negative, zero or positive. */
export function compareBytes(left: string, right: string): number {
  if (left === right) return 0;
  return toByteString(left) < toByteString(right) ? -1 : 1;
}

function encode(point: number): string {
  if (point < 0x80) return String.fromCharCode(point);
  if (point < 0x800) return String.fromCharCode(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
  if (point < 0x10000) {
    return String.fromCharCode(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
  }
  return String.fromCharCode(
    0xf0 | (point >> 18),
    0x80 | ((point >> 12) & 0x3f),
    0x80 | ((point >> 6) & 0x3f),
    0x80 | (point & 0x3f),
  );
}

/** Length of the valid UTF-8 sequence at this place, or 0 (Unicode 15, table 3-7: no overlong form, no surrogate). */
function sequenceLength(bytes: string, at: number): number {
  const first = bytes.charCodeAt(at);
  if (first < 0x80) return 1;
  const second = bytes.charCodeAt(at + 1);
  if (first >= 0xc2 && first <= 0xdf) return isContinuation(second) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const low = first === 0xe0 ? 0xa0 : 0x80;
    const high = first === 0xed ? 0x9f : 0xbf;
    return second >= low && second <= high && isContinuation(bytes.charCodeAt(at + 2)) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const low = first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xf4 ? 0x8f : 0xbf;
    const rest = isContinuation(bytes.charCodeAt(at + 2)) && isContinuation(bytes.charCodeAt(at + 3));
    return second >= low && second <= high && rest ? 4 : 0;
  }
  return 0;
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte <= 0xbf;
}

function decode(bytes: string, at: number, length: number): string {
  const first = bytes.charCodeAt(at);
  if (length === 1) return String.fromCharCode(first);
  let point = first & (0xff >> (length + 1));
  for (let next = at + 1; next < at + length; next++) point = (point << 6) | (bytes.charCodeAt(next) & 0x3f);
  return String.fromCodePoint(point);
}
