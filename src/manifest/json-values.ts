/** One JSON value of a stream, `end` exclusive. */
export interface JsonSpan {
  readonly start: number;
  readonly end: number;
  readonly value: unknown;
}

/**
 * Takes a text apart that is nothing but JSON objects, one after the other (`kubectl get -o json`, `jq '.items[]'`).
 * Undefined for any other text.
 */
export function splitJsonValues(text: string): readonly JsonSpan[] | undefined {
  const spans: JsonSpan[] = [];
  let at = skipSpace(text, text.startsWith('\ufeff') ? 1 : 0);
  while (at < text.length) {
    const end = endOfObject(text, at);
    if (end === undefined) return undefined;
    try {
      spans.push({ start: at, end, value: JSON.parse(text.slice(at, end)) });
    } catch {
      return undefined;
    }
    at = skipSpace(text, end);
  }
  return spans.length === 0 ? undefined : spans;
}

/** Where the brackets that open at `start` close; whether all between is JSON is for the parser to say. */
function endOfObject(text: string, start: number): number | undefined {
  if (text.charAt(start) !== '{') return undefined;
  const marks = /["{}]/g;
  let depth = 0;
  marks.lastIndex = start;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === '"') {
      const end = endOfString(text, mark.index);
      if (end === undefined) return undefined;
      marks.lastIndex = end;
    } else {
      depth += mark[0] === '{' ? 1 : -1;
      if (depth === 0) return mark.index + 1;
    }
  }
  return undefined;
}

function endOfString(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) return at + 1;
    if (character === BACKSLASH) at += 1;
  }
  return undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1;
  return at;
}
