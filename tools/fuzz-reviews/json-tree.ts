/** JSON as it is written: an object may hold a name twice, and any text may stand where a value should. */
export type JsonTree = string | number | boolean | null | JsonTree[] | JsonObject | RawText;

export interface JsonObject {
  readonly kind: 'object';
  readonly members: [name: string, value: JsonTree][];
}

export interface RawText {
  readonly kind: 'raw';
  readonly text: string;
}

export function toTree(value: unknown): JsonTree {
  if (Array.isArray(value)) return value.map(toTree);
  if (typeof value === 'object' && value !== null) {
    return { kind: 'object', members: Object.entries(value).map(([name, inner]) => [name, toTree(inner)]) };
  }
  return value as JsonTree;
}

export function writeTree(tree: JsonTree): string {
  if (Array.isArray(tree)) return `[${tree.map(writeTree).join(',')}]`;
  if (typeof tree !== 'object' || tree === null) return JSON.stringify(tree);
  if (tree.kind === 'raw') return tree.text;
  return `{${tree.members.map(([name, value]) => `${JSON.stringify(name)}:${writeTree(value)}`).join(',')}}`;
}

/** A place where a value stands. */
export interface Slot {
  readonly holder: JsonTree[] | JsonObject;
  readonly index: number;
}

/** Every place in a tree but its root's. */
export function slotsOf(tree: JsonTree): Slot[] {
  const slots: Slot[] = [];
  const visit = (value: JsonTree): void => {
    if (Array.isArray(value)) {
      value.forEach((inner, index) => {
        slots.push({ holder: value, index });
        visit(inner);
      });
    } else if (typeof value === 'object' && value !== null && value.kind === 'object') {
      value.members.forEach(([, inner], index) => {
        slots.push({ holder: value, index });
        visit(inner);
      });
    }
  };
  visit(tree);
  return slots;
}

export function readSlot({ holder, index }: Slot): JsonTree {
  return (Array.isArray(holder) ? holder[index] : holder.members[index]?.[1]) ?? null;
}

export function writeSlot({ holder, index }: Slot, value: JsonTree): void {
  if (Array.isArray(holder)) holder[index] = value;
  else holder.members[index] = [holder.members[index]?.[0] ?? '', value];
}
