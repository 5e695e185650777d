// Edits of what is written in lines: `key: value` and `- item`.

import type { CST } from 'yaml';
import type { EditContext } from './edit-context.ts';
import { BLOCK_FIELD, blockReference, flowField, type FlowStyle } from './reference-text.ts';
import type { TextEdit } from './text-edit.ts';
import { aboveComments, blankBefore, lineBreakAt, lineEnd, lineStart } from './text-line.ts';
import { endOfLast, startOfItem } from './token-end.ts';

const PLAIN: FlowStyle = { quoted: false, compact: false };

/**
 * A new key before the first one of a mapping: what stands at a mapping's end may be a block scalar, whose content an
 * insertion behind it could change. Above the comments that speak of the first key.
 */
export function addToBlock({ text, secretName }: EditContext, map: CST.BlockMap): readonly TextEdit[] | undefined {
  const [first] = map.items;
  const start = first === undefined ? undefined : startOfItem(first);
  if (start === undefined) return undefined;
  const lineBreak = lineBreakAt(text, start);
  const isOwnLine = blankBefore(text, start) !== undefined;
  const indent = ' '.repeat(columnOf(text, start));
  const lines =
    listStyle(map) === 'flow'
      ? flowField(secretName, PLAIN)
      : `${BLOCK_FIELD}${lineBreak}${indent}${listIndent(map)}${blockReference(secretName)}`;
  return isOwnLine
    ? insertion(aboveComments(text, lineStart(text, start)), `${indent}${lines}${lineBreak}`)
    : insertion(start, `${lines}${lineBreak}${indent}`);
}

/** The list below a key that has nothing behind its ":". */
export function fillBlock({ text, secretName }: EditContext, map: CST.BlockMap, colonEnd: number): readonly TextEdit[] {
  const at = lineEnd(text, colonEnd);
  const indent = ' '.repeat(map.indent) + listIndent(map);
  return insertion(at, `${lineBreakAt(text, at)}${indent}${blockReference(secretName)}`);
}

/** One more item below the last. */
export function appendToBlock(
  { text, secretName }: EditContext,
  list: CST.BlockSequence,
): readonly TextEdit[] | undefined {
  const end = endOfLast(list.items);
  if (end === undefined) return undefined;
  const line = ' '.repeat(list.indent) + blockReference(secretName);
  // Behind a block scalar the next line begins already.
  if (lineStart(text, end) === end) return insertion(end, `${line}${lineBreakAt(text, end - 1)}`);
  const at = lineEnd(text, end);
  return insertion(at, `${lineBreakAt(text, at)}${line}`);
}

/** How the lists of this mapping are written: the first one tells. */
function listStyle(map: CST.BlockMap): 'block' | 'flow' {
  const first = map.items.find(({ value }) => isList(value))?.value;
  return first?.type === 'flow-collection' ? 'flow' : 'block';
}

function isList(value: CST.Token | undefined): boolean {
  if (value?.type === 'block-seq') return true;
  // An empty list cannot be written in lines: it says nothing of how others are.
  return value?.type === 'flow-collection' && value.start.source === '[' && value.items.length > 0;
}

/** The blanks between a key's column and the "-" of its list, as the mapping's other lists have it. */
function listIndent(map: CST.BlockMap): string {
  const list = map.items.find(({ value }) => value?.type === 'block-seq')?.value;
  return list?.type === 'block-seq' ? ' '.repeat(Math.max(list.indent - map.indent, 0)) : '';
}

function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

function insertion(at: number, text: string): readonly TextEdit[] {
  return [{ start: at, end: at, text }];
}
