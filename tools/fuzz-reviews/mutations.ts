import { hostileName, hostileString, hostileValue } from './hostile-values.ts';
import { readSlot, slotsOf, writeSlot, type JsonTree, type Slot } from './json-tree.ts';
import type { Random } from './random.ts';

/** Changes a tree in place. */
export type TreeMutation = (tree: JsonTree, random: Random) => void;

/** Changes what is sent. */
export type ByteMutation = (bytes: Buffer, random: Random) => Buffer;

export const TREE_MUTATIONS: readonly TreeMutation[] = [
  atSlot((slot, random) => writeSlot(slot, hostileValue(random))),
  atSlot((slot, random) => writeSlot(slot, hostileValue(random))),
  atSlot((slot, random) => {
    if (typeof readSlot(slot) === 'string') writeSlot(slot, hostileString(random));
  }),
  atSlot((slot, random) => {
    const text = readSlot(slot);
    if (typeof text !== 'string') return;
    const at = random.below(text.length + 1);
    writeSlot(slot, text.slice(0, at) + hostileString(random) + text.slice(at + random.below(3)));
  }),
  atSlot(({ holder, index }) => void (Array.isArray(holder) ? holder : holder.members).splice(index, 1)),
  atSlot((slot, random) => repeat(slot, random.chance(200) ? 2 + random.below(1000) : 2)),
  atSlot(({ holder, index }, random) => {
    if (Array.isArray(holder)) holder.splice(index, 0, hostileValue(random));
    else holder.members.splice(index, 0, [hostileName(random), hostileValue(random)]);
  }),
  atSlot(({ holder, index }, random) => {
    const member = Array.isArray(holder) ? undefined : holder.members[index];
    if (member !== undefined) member[0] = hostileName(random);
  }),
  (tree, random) => {
    const slots = slotsOf(tree);
    if (slots.length < 2) return;
    const [one, other] = [random.pick(slots), random.pick(slots)];
    // A copy: a value within itself could not be written.
    writeSlot(one, structuredClone(readSlot(other)));
  },
];

export const BYTE_MUTATIONS: readonly ByteMutation[] = [
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
    return copy;
  },
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    const noise = Buffer.from(Array.from({ length: 1 + random.below(4) }, () => random.below(256)));
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
  (bytes, random) => {
    const start = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + random.below(20))]);
  },
  (bytes, random) => {
    const start = random.below(bytes.length + 1);
    const slice = bytes.subarray(start, start + random.below(200));
    return Buffer.concat([bytes.subarray(0, start), slice, bytes.subarray(start)]);
  },
  (bytes, random) => Buffer.concat([Buffer.from(random.pick(['\uFEFF', ' \n\t', '\v', '[', '{}', 'x'])), bytes]),
  (bytes, random) => Buffer.concat([bytes, Buffer.from(random.pick(['\n', ' ', '{}', '\0', '}', ']']))]),
];

function atSlot(change: (slot: Slot, random: Random) => void): TreeMutation {
  return (tree, random) => {
    const slots = slotsOf(tree);
    if (slots.length > 0) change(random.pick(slots), random);
  };
}

/** Puts what stands there several times over: an element again, or a member's name again. */
function repeat({ holder, index }: Slot, times: number): void {
  const list: unknown[] = Array.isArray(holder) ? holder : holder.members;
  const copies = Array.from({ length: times - 1 }, () => structuredClone(list[index]));
  list.splice(index, 0, ...copies);
}
