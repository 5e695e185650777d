/**
 * Puts streams one after the other as one: separated by a line `---`, as cat does not do it. One alone stays as it is,
 * byte for byte.
 */
export function joinStreams(texts: readonly string[]): string {
  const filled = texts.length > 1 ? texts.filter((text) => text.trim() !== '') : texts;
  return filled.reduce(
    (joined, text, index) => (index === 0 ? text : joined + separate(joined, withoutMark(text))),
    '',
  );
}

/** The text with what must stand before it. */
function separate(before: string, text: string): string {
  const lineBreak = before.includes('\r\n') ? '\r\n' : '\n';
  const end = before.endsWith('\n') ? '' : lineBreak;
  // The first line that is neither blank nor a comment.
  const first = /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*([^\n]*)/.exec(text)?.[1] ?? '';
  // A directive may stand only behind the end of a document.
  if (first.startsWith('%')) return `${end}...${lineBreak}${text}`;
  if (/^---(?:\s|$)/.test(first) || /(?:^|\n)(?:---|\.\.\.)\s*$/.test(before)) return `${end}${text}`;
  return `${end}---${lineBreak}${text}`;
}

/** A byte order mark belongs to the start of a file, and some readers take it nowhere else. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
