/** Keys in the order of their adding, each once. */
export interface Lane {
  readonly size: () => number;
  has(key: string): boolean;
  add(key: string): void;
  /** The first, which is in it no longer. */
  take(): string | undefined;
}

export function createLane(): Lane {
  const keys = new Set<string>();
  /** Where in `keys` its first is: all before it were taken. */
  let order = keys.values();

  return {
    size: () => keys.size,
    has: (key) => keys.has(key),
    add: (key) => void keys.add(key),
    take: () => {
      // A new iterator would go over all that was taken before, thousands of keys when many are added at once.
      let next = order.next();
      if (next.done === true) {
        order = keys.values();
        next = order.next();
      }
      if (next.done === true) return undefined;
      keys.delete(next.value);
      return next.value;
    },
  };
}
