import type { CST } from 'yaml';

/** One item of a collection: a list's value, or a mapping's key and value, with the tokens around them. */
type Item = CST.CollectionItem;

/**
 * Where the content of a token ends, before the blanks, comments and line breaks behind it; a block scalar (`|`, `>`)
 * ends behind the line breaks that are its own. Undefined where brackets are not closed.
 */
export function endOfToken(token: CST.Token): number | undefined {
  switch (token.type) {
    case 'block-map':
    case 'block-seq':
      return endOfLast(token.items);
    case 'flow-collection': {
      const close = token.end.find(({ type }) => type === 'flow-map-end' || type === 'flow-seq-end');
      return close === undefined ? undefined : close.offset + close.source.length;
    }
    case 'block-scalar':
      return endOfBlockScalar(token);
    case 'document':
      return undefined;
    default:
      return token.offset + token.source.length;
  }
}

function endOfBlockScalar({ offset, props, source }: CST.BlockScalar): number | undefined {
  const tokens = props.filter((token) => 'source' in token);
  const isStripped = tokens.some(({ type, source: header }) => type === 'block-scalar-header' && header.includes('-'));
  // At the end of the text, without a line break: one that is put there would become a part of the value.
  if (!isStripped && !/[\r\n]$/.test(source)) return undefined;
  const last = tokens.at(-1);
  return (last === undefined ? offset : last.offset + last.source.length) + source.length;
}

/** Where the last item with any content ends; a list's "-" is content. */
export function endOfLast(items: readonly Item[]): number | undefined {
  const last = items.findLast(isContent);
  if (last === undefined) return undefined;
  if (last.value) return endOfToken(last.value);
  const mark = [...last.start, ...(last.sep ?? [])].findLast(isMark);
  const key = last.key ? endOfToken(last.key) : undefined;
  const end = mark === undefined ? undefined : mark.offset + mark.source.length;
  return end === undefined || key === undefined ? (end ?? key) : Math.max(end, key);
}

/** Where an item starts: at its anchor, tag or "?", else at its key or value. */
export function startOfItem(item: Item): number | undefined {
  const mark = item.start.find(isMark);
  return mark?.offset ?? item.key?.offset ?? item.sep?.find(isMark)?.offset ?? item.value?.offset;
}

function isContent(item: Item): boolean {
  return Boolean(item.key ?? item.value ?? item.sep) || item.start.some(isMark);
}

/** A token that is neither blank nor comment, and no comma between items. */
function isMark({ type }: CST.SourceToken): boolean {
  return type !== 'space' && type !== 'comment' && type !== 'newline' && type !== 'comma';
}
