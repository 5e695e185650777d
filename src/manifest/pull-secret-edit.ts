import { isAlias, isMap, isScalar, isSeq, type CST, type Node, type Pair, type YAMLMap } from 'yaml';
import { appendToBlock, addToBlock, fillBlock } from './block-edit.ts';
import type { EditContext } from './edit-context.ts';
import { addToFlow, appendToFlow, fillFlow } from './flow-edit.ts';
import { findMember, ownMembers } from './node-path.ts';
import type { TextEdit } from './text-edit.ts';

export type EditResult =
  | {
      readonly kind: 'edits';
      readonly edits: readonly TextEdit[];
      /** What is edited can be what other places mean too, by an alias or a merge key. */
      readonly isShared: boolean;
    }
  | { readonly kind: 'refused'; readonly offset: number; readonly sentence: string };

/**
 * The edit that adds the reference at the end of a Pod spec's `imagePullSecrets`:
 *
 * | imagePullSecrets     | Pod spec `key: …` lines       | Pod spec `{…}`, JSON           |
 * |----------------------|-------------------------------|--------------------------------|
 * | missing              | lines before the first key    | before the first key           |
 * | nothing behind ":"   | a line below                  | `[…]` behind the ":"           |
 * | null, ~              | `[…]` in its place            | `[…]` in its place             |
 * | lines of `- …`       | a line below the last item    | (not YAML)                     |
 * | `[…]`                | behind the last item          | behind the last item           |
 *
 * Whether the result means what it should is for the caller to see: it parses it.
 */
export function editPullSecrets(context: EditContext, spec: YAMLMap<Node, Node>): EditResult {
  const member = findMember(context.document, spec, 'imagePullSecrets', false);
  if (member.kind === 'refused') return member;
  const { node, isShared: isMemberShared } = member;
  const isShared = isMemberShared || hasAnchor(spec) || (node !== null && hasAnchor(node));
  const [pair] = ownMembers(spec, 'imagePullSecrets');

  const edits =
    node === null || isNull(node)
      ? pair === undefined
        ? addList(context, spec)
        : fillList(context, spec, pair)
      : appendItem(context, node);
  return edits === undefined ? refuse(context, node ?? spec) : { kind: 'edits', edits, isShared };
}

function addList(context: EditContext, spec: YAMLMap<Node, Node>): readonly TextEdit[] | undefined {
  const token: CST.Token | undefined = spec.srcToken;
  if (token?.type === 'block-map') return addToBlock(context, token);
  return token?.type === 'flow-collection' ? addToFlow(context, token) : undefined;
}

/** The value is null: not there, or a word for it. */
function fillList(
  context: EditContext,
  spec: YAMLMap<Node, Node>,
  pair: Pair<Node, Node>,
): readonly TextEdit[] | undefined {
  if (isAlias(pair.value)) return undefined;
  const item = pair.srcToken;
  const colon = item?.sep?.find(({ type }) => type === 'map-value-ind');
  if (item === undefined || colon === undefined) return undefined;
  // An anchor or a tag before the null would be the list's then.
  if (item.sep?.some(({ type }) => type === 'anchor' || type === 'tag')) return undefined;
  const end = colon.offset + colon.source.length;
  const isWritten = item.value !== undefined && 'source' in item.value && item.value.source !== '';
  if (isWritten || spec.flow === true) return fillFlow(context, end, isWritten ? item.value : undefined);
  const token: CST.Token | undefined = spec.srcToken;
  return token?.type === 'block-map' ? fillBlock(context, token, end) : undefined;
}

function appendItem(context: EditContext, list: Node): readonly TextEdit[] | undefined {
  if (!isSeq(list)) return undefined;
  const token: CST.Token | undefined = list.srcToken;
  if (token?.type === 'block-seq') return appendToBlock(context, token);
  return token?.type === 'flow-collection' ? appendToFlow(context, token) : undefined;
}

function isNull(node: Node): boolean {
  return isScalar(node) && node.value === null;
}

function hasAnchor(node: Node): boolean {
  return (isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined;
}

function refuse(context: EditContext, node: Node): EditResult {
  return {
    kind: 'refused',
    offset: node.range?.[0] ?? 0,
    sentence: `its imagePullSecrets are written in a way that cannot be added to: write them as a list, one "- name: …" a line, or add ${context.secretName} by hand`,
  };
}
