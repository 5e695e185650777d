import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { ValuePath } from '../core/manifest/value-path.ts';
import type { NodeDocument } from './manifest-stream.ts';

export type NodeReading =
  | {
      readonly kind: 'node';
      readonly node: Node | null;
      /** The way there went through an alias or a merge key: other places may share the node. */
      readonly isShared: boolean;
    }
  /** `offset`: where in the document's text. */
  | { readonly kind: 'refused'; readonly offset: number; readonly sentence: string };

/** Follows a path through a document's nodes as `toJS` does, through aliases and merge keys. */
export function findNode(document: NodeDocument, path: ValuePath): NodeReading {
  let reading = follow(document, document.contents, false);
  for (const step of path) {
    if (reading.kind === 'refused') return reading;
    const { node, isShared } = reading;
    if (typeof step === 'number') {
      reading = follow(document, isSeq<Node>(node) ? (node.items[step] ?? null) : null, isShared);
    } else {
      reading = isMap<Node, Node>(node) ? findMember(document, node, step, isShared) : follow(document, null, isShared);
    }
  }
  return reading;
}

/** The member of a mapping with this key, its own or a merged one; of two keys which counts is up to the reader, so none does. */
export function findMember(
  document: NodeDocument,
  map: YAMLMap<Node, Node>,
  key: string,
  isShared: boolean,
): NodeReading {
  const [first, second] = ownMembers(map, key);
  if (second !== undefined) {
    const offset = second.key.range?.[0] ?? 0;
    return { kind: 'refused', offset, sentence: `the key ${key} stands twice in one mapping: keep one` };
  }
  if (first !== undefined) return follow(document, first.value, isShared);
  for (const source of mergeSources(document, map)) {
    const merged = findMember(document, source, key, true);
    if (merged.kind === 'refused' || merged.node !== null) return merged;
  }
  return { kind: 'node', node: null, isShared };
}

/** The pairs of a mapping that have this key, merged ones aside. */
export function ownMembers(map: YAMLMap<Node, Node>, key: string): readonly Pair<Node, Node>[] {
  return map.items.filter(({ key: node }) => isScalar(node) && node.value === key);
}

function follow(document: NodeDocument, node: Node | null, isShared: boolean): NodeReading {
  if (!isAlias(node)) return { kind: 'node', node, isShared };
  return { kind: 'node', node: node.resolve(document) ?? null, isShared: true };
}

function mergeSources(document: NodeDocument, map: YAMLMap<Node, Node>): readonly YAMLMap<Node, Node>[] {
  return map.items.filter(isMerge).flatMap(({ value }) => {
    const reading = follow(document, value, true);
    if (reading.kind === 'refused') return [];
    const items = isSeq<Node>(reading.node) ? reading.node.items : [reading.node];
    return items.flatMap((item) => {
      const source = follow(document, item, true);
      return source.kind === 'node' && isMap<Node, Node>(source.node) ? [source.node] : [];
    });
  });
}

function isMerge({ key }: Pair<Node, Node>): boolean {
  return isScalar(key) && key.source === '<<' && key.type === 'PLAIN';
}
