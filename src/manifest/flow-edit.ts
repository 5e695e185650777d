// Edits of what is written in brackets: `{…}`, `[…]` and JSON.

import type { CST } from 'yaml';
import type { EditContext } from './edit-context.ts';
import {
  flowField,
  flowList,
  flowReference,
  spreadField,
  spreadReference,
  type FlowStyle,
  type Indent,
} from './reference-text.ts';
import type { TextEdit } from './text-edit.ts';
import { aboveComments, blankBefore, lineBreakAt, lineEnd, lineStart } from './text-line.ts';
import { endOfLast, startOfItem } from './token-end.ts';

/** A new member before the first one of `{…}`. */
export function addToFlow(context: EditContext, map: CST.FlowCollection): readonly TextEdit[] | undefined {
  const { text, secretName, isJson } = context;
  const [first] = map.items;
  const start = first === undefined ? undefined : startOfItem(first);
  if (first === undefined || start === undefined) {
    const isCompact = isJson && !text.includes('": ');
    return insertion(map.offset + 1, flowField(secretName, { quoted: isJson, compact: isCompact }));
  }
  const style = styleOf(context, first);
  const before = blankBefore(text, start);
  if (before === undefined) {
    return insertion(start, `${flowField(secretName, style)},${style.compact ? '' : ' '}`);
  }
  const indent = indentOf(text, before, map.offset, start);
  if (isJson)
    return insertion(lineStart(text, start), `${before}${spreadField(secretName, style, indent)},${indent.lineBreak}`);
  const at = aboveComments(text, lineStart(text, start));
  return insertion(at, `${before}${flowField(secretName, style)},${indent.lineBreak}`);
}

/** A list behind a ":" that has nothing behind it, or in place of the word for null. */
export function fillFlow(
  context: EditContext,
  colonEnd: number,
  word: CST.Token | undefined,
): readonly TextEdit[] | undefined {
  const { secretName, isJson } = context;
  if (word === undefined) return insertion(colonEnd, ` ${flowList(secretName, { quoted: isJson, compact: false })}`);
  if (!('source' in word)) return undefined;
  const compact = isJson && word.offset === colonEnd;
  const end = word.offset + word.source.length;
  return [{ start: word.offset, end, text: flowList(secretName, { quoted: isJson, compact }) }];
}

/** One more item behind the last one of `[…]`. */
export function appendToFlow(context: EditContext, list: CST.FlowCollection): readonly TextEdit[] | undefined {
  const { text, secretName, isJson } = context;
  const last = list.items.findLast((item) => startOfItem(item) !== undefined);
  const start = last === undefined ? undefined : startOfItem(last);
  if (last === undefined || start === undefined) {
    const isCompact = isJson && text.charAt(list.offset - 1) === ':';
    return insertion(list.offset + 1, flowReference(secretName, { quoted: isJson, compact: isCompact }));
  }
  const end = endOfLast([last]);
  if (end === undefined) return undefined;
  const style = styleOfList(context, last);
  const before = blankBefore(text, start);
  if (before === undefined) return insertion(end, `,${style.compact ? '' : ' '}${flowReference(secretName, style)}`);
  const indent = indentOf(text, before, list.offset, start);
  const isSpread = isJson && text.slice(start, end).includes('\n');
  const reference = isSpread ? spreadReference(secretName, style, indent) : flowReference(secretName, style);
  const line = `${indent.lineBreak}${before}${reference}`;
  const rest = /^[ \t]*(,?)[ \t]*#/.exec(text.slice(end, lineEnd(text, end)));
  if (rest === null) return insertion(end, `,${line}`);
  // The comment behind the last item stays behind it.
  const at = lineEnd(text, end);
  return rest[1] === '' ? [...insertion(end, ','), ...insertion(at, line)] : insertion(at, `${line},`);
}

/** As the first member of the same mapping is written. */
function styleOf({ text, isJson }: EditContext, { key, sep }: CST.CollectionItem): FlowStyle {
  const quoted = isJson || key?.type === 'double-quoted-scalar';
  const colon = sep?.find(({ type }) => type === 'map-value-ind');
  return { quoted, compact: quoted && colon !== undefined && !/\s/.test(text.charAt(colon.offset + 1)) };
}

/** As the members of the list's last item are written. */
function styleOfList(context: EditContext, { value }: CST.CollectionItem): FlowStyle {
  const member = value?.type === 'flow-collection' ? value.items[0] : undefined;
  return member === undefined ? { quoted: context.isJson, compact: false } : styleOf(context, member);
}

/** @param before the blanks before the first thing inside of the bracket that opens at `open` */
function indentOf(text: string, before: string, open: number, start: number): Indent {
  const outer = /^[ \t]*/.exec(text.slice(lineStart(text, open), open))?.[0] ?? '';
  const unit = before.startsWith(outer) && before.length > outer.length ? before.slice(outer.length) : '  ';
  return { before, unit, lineBreak: lineBreakAt(text, start) };
}

function insertion(at: number, text: string): readonly TextEdit[] {
  return [{ start: at, end: at, text }];
}
