/** Choices that a seed repeats (mulberry32, public domain). */
export interface Choices {
  /** An integer from 0 to below `count`. */
  below(count: number): number;
  one<T>(items: readonly T[]): T;
  chance(probability: number): boolean;
}

export function seedChoices(seed: number): Choices {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return {
    below: (count) => Math.floor(next() * count),
    one: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError('there is nothing to choose from');
      return item;
    },
    chance: (probability) => next() < probability,
  };
}
