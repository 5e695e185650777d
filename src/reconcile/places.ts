/** So many may do something at once; others wait for their turn, in the order of their coming. */
export interface Places {
  /** Resolves when there is one. */
  take(): Promise<void>;
  /** Hands it on to who waits first. */
  leave(): void;
}

export function createPlaces(most: number): Places {
  let free = most;
  const waiting: (() => void)[] = [];
  return {
    take: () => {
      if (free > 0) {
        free--;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    leave: () => {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    },
  };
}
