// The tokens of JSON that are longer than a character (RFC 8259, sections 6 and 7).

export type StringToken =
  | { readonly kind: 'string'; readonly text: string; readonly end: number; readonly hasLoneSurrogate: boolean }
  | { readonly kind: 'invalid'; readonly end: number; readonly problem: string };

/** Reads the string whose opening quote stands at `start`. */
export function readString(text: string, start: number): StringToken {
  let decoded = '';
  let at = start + 1;
  for (;;) {
    const plainEnd = endOfPlain(text, at);
    decoded += text.slice(at, plainEnd);
    at = plainEnd;
    const character = text.charAt(at);
    if (character === '"') {
      return { kind: 'string', text: decoded, end: at + 1, hasLoneSurrogate: !decoded.isWellFormed() };
    }
    if (character === '') return { kind: 'invalid', end: at, problem: 'a string does not end' };
    if (character !== '\\') return { kind: 'invalid', end: at, problem: 'a string holds a control character' };

    const escape = text.charAt(at + 1);
    const simple = SIMPLE_ESCAPES.get(escape);
    if (simple !== undefined) {
      decoded += simple;
      at += 2;
    } else if (escape === 'u' && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6))) {
      decoded += String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 6), 16));
      at += 6;
    } else {
      return { kind: 'invalid', end: at, problem: 'a string holds an escape that JSON does not know' };
    }
  }
}

const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

function endOfPlain(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22 || code === 0x5c || code < 0x20) break;
    at += 1;
  }
  return at;
}

/** The end of the number that starts at `start`, or undefined where there is none. */
export function readNumberEnd(text: string, start: number): number | undefined {
  let at = text.charAt(start) === '-' ? start + 1 : start;
  if (!isDigitAt(text, at)) return undefined;
  at = text.charAt(at) === '0' ? at + 1 : skipDigits(text, at);
  if (text.charAt(at) === '.') {
    if (!isDigitAt(text, at + 1)) return undefined;
    at = skipDigits(text, at + 1);
  }
  if (text.charAt(at) === 'e' || text.charAt(at) === 'E') {
    const sign = text.charAt(at + 1);
    const digits = sign === '+' || sign === '-' ? at + 2 : at + 1;
    if (!isDigitAt(text, digits)) return undefined;
    at = skipDigits(text, digits);
  }
  return at;
}

/** Tells whether a decimal digit stands at this place. */
export function isDigitAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

function skipDigits(text: string, from: number): number {
  let at = from;
  while (isDigitAt(text, at)) at += 1;
  return at;
}
