// Lines end as YAML 1.2 has it (section 5.4): at LF, CR LF, or CR.

/** The line of a text that an offset stands in, counted from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|\n|\r/).length;
}

/** Where the line of an offset starts; a byte order mark is no part of it. */
export function lineStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && !isBreak(text, start - 1) && !isMark(text, start - 1)) start -= 1;
  return start;
}

/** Where the line of an offset ends, before its line break or the end of the text. */
export function lineEnd(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && !isBreak(text, end)) end += 1;
  return end;
}

/** The line break that ends the line of an offset, or, in the last line, the one before it; without any, LF. */
export function lineBreakAt(text: string, offset: number): string {
  const end = lineEnd(text, offset);
  if (end < text.length) return text.startsWith('\r\n', end) ? '\r\n' : text.charAt(end);
  const start = lineStart(text, offset);
  if (start === 0 || !isBreak(text, start - 1)) return '\n';
  return text.startsWith('\r\n', start - 2) ? '\r\n' : text.charAt(start - 1);
}

/** A byte order mark at the start of a line. */
function isMark(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0xfeff && (at === 0 || isBreak(text, at - 1));
}

function isBreak(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x0a || code === 0x0d;
}

/** What stands before an offset in its line, when that is blank; undefined when it is not. */
export function blankBefore(text: string, offset: number): string | undefined {
  // A line of JSON can be megabytes long: only the blanks are looked at.
  let start = offset;
  while (start > 0 && (text.charAt(start - 1) === ' ' || text.charAt(start - 1) === '\t')) start -= 1;
  const isAtStart = start === 0 || isBreak(text, start - 1) || isMark(text, start - 1);
  return isAtStart ? text.slice(start, offset) : undefined;
}

/**
 * Where to put a line of its own before the line that starts at `start`: above the comment lines that stand right on
 * top of it, which speak of it.
 */
export function aboveComments(text: string, start: number): number {
  let at = start;
  while (at > 0 && isBreak(text, at - 1)) {
    const previous = lineStart(text, text.startsWith('\r\n', at - 2) ? at - 2 : at - 1);
    if (!/^[ \t]*#/.test(text.slice(previous, at))) break;
    at = previous;
  }
  return at;
}
