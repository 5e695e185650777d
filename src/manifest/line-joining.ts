import { CST, Parser } from 'yaml';
import { blankBreaks, endOfFlow, endOfQuoted } from './token-text.ts';

/**
 * YAML asks the further lines of a quoted string or of brackets to be indented more than their mapping. libyaml and
 * go-yaml do not, and some emitters and many people rely on it, so such manifests are applied every day; this parser
 * ends the string or the brackets there.
 *
 * @returns the text with the lines of each such token joined by blanks, so that every offset stays: what a string means
 *   changes (it gets more blanks), where everything stands does not. The same text where there is none.
 */
export function joinLines(text: string): string {
  return text
    .split(/^(?=---(?:\s|$))/m)
    .map(joinInDocument)
    .join('');
}

function joinInDocument(document: string): string {
  let text = document;
  for (;;) {
    const cut = findCutToken(text);
    if (cut === undefined) return text;
    text = text.slice(0, cut.start) + blankBreaks(text.slice(cut.start, cut.end)) + text.slice(cut.end);
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The first token that the parser ends too early. What follows it is misread. */
function findCutToken(text: string): Span | undefined {
  for (const token of longTokens(text)) {
    if (isClosed(token)) continue;
    const end = findEnd(text, token);
    // Never closed: the text is wrong for every reader.
    if (end === undefined) return undefined;
    const isRead = token.type !== 'flow-collection' && end === token.offset + token.source.length;
    if (!isRead && /[\r\n]/.test(text.slice(token.offset, end))) return { start: token.offset, end };
  }
  return undefined;
}

/** Where the first quoted string starts that is never closed. */
export function findOpenString(text: string): number | undefined {
  return longTokens(text).find((token) => token.type !== 'flow-collection' && findEnd(text, token) === undefined)
    ?.offset;
}

type LongToken = CST.FlowScalar | CST.FlowCollection;

function findEnd(text: string, token: LongToken): number | undefined {
  return token.type === 'flow-collection' ? endOfFlow(text, token.offset) : endOfQuoted(text, token.offset);
}

/** Brackets that the parser sees closed; of a string it does not say. */
function isClosed(token: LongToken): boolean {
  return (
    token.type === 'flow-collection' && token.end.some(({ type }) => type === 'flow-map-end' || type === 'flow-seq-end')
  );
}

/** The quoted strings and brackets of a text, outer ones first, in order. Without recursion, however deep they nest. */
function longTokens(text: string): readonly LongToken[] {
  const found: LongToken[] = [];
  const open: CST.Token[] = [...new Parser().parse(text)].reverse();
  for (let token = open.pop(); token !== undefined; token = open.pop()) {
    if (isLong(token)) found.push(token);
    open.push(...childrenOf(token).reverse());
  }
  return found;
}

function isLong(token: CST.Token): token is LongToken {
  return (
    token.type === 'single-quoted-scalar' || token.type === 'double-quoted-scalar' || token.type === 'flow-collection'
  );
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!CST.isCollection(token)) return [];
  const items: readonly CST.CollectionItem[] = token.items;
  return items.flatMap(({ key, value }) => [key, value].filter((child) => child !== undefined && child !== null));
}
