// Quoted strings and brackets, which for libyaml and go-yaml may go over several lines whatever their indentation: where they
// end, and how they read in one line.

/** Where the quoted string ends whose opening quote stands at `start`; undefined where it is never closed. */
export function endOfQuoted(text: string, start: number): number | undefined {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\\' && quote === '"') at += 1;
    else if (character === quote) {
      if (quote === '"' || text.charAt(at + 1) !== quote) return at + 1;
      at += 1;
    }
  }
  return undefined;
}

/** Where the brackets close that open at `start`; undefined where they never do. */
export function endOfFlow(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    else if (isQuote(text, at)) at = (endOfQuoted(text, at) ?? text.length) - 1;
    else if (isComment(text, at)) at = endOfComment(text, at) - 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

/** The text of a quoted string or of brackets in one line and without comments, of the same length. */
export function blankBreaks(token: string): string {
  let blanked = '';
  let at = 0;
  const blankUpTo = (end: number): void => {
    blanked += token.slice(at, end).replaceAll(/[ \t]*[\r\n][ \t]*/g, blanksFor);
    at = end;
  };
  for (let next = 0; next < token.length; next++) {
    if (isQuote(token, next)) {
      next = (endOfQuoted(token, next) ?? token.length) - 1;
    } else if (isComment(token, next)) {
      blankUpTo(next);
      next = endOfComment(token, next);
      blanked += ' '.repeat(next - at);
      at = next;
    }
  }
  blankUpTo(token.length);
  return blanked;
}

function blanksFor(text: string): string {
  return ' '.repeat(text.length);
}

/** A quote that begins a string: one in the middle of a word is a part of it. */
function isQuote(text: string, at: number): boolean {
  const character = text.charAt(at);
  return (character === '"' || character === "'") && (at === 0 || /[\s[\]{},:?]/.test(text.charAt(at - 1)));
}

function isComment(text: string, at: number): boolean {
  return text.charAt(at) === '#' && at > 0 && /\s/.test(text.charAt(at - 1));
}

function endOfComment(text: string, start: number): number {
  const length = text.slice(start).search(/[\r\n]/);
  return length < 0 ? text.length : start + length;
}
