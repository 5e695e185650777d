/** How many objects to ask for at once, so that an answer stays below a number of bytes whatever the objects are. */
export interface PageSize {
  limit(): number;
  /** The bound for the answer to a page of that limit; undefined where no page is smaller. */
  mostBytes(): number | undefined;
  /** A page of that limit came, with so much in it. */
  came(objects: number, bytes: number): void;
  /** It was larger than the bound, and was given up. */
  exceeded(): void;
}

export interface PageBounds {
  /** Objects in a page, where they are small enough. */
  readonly most: number;
  readonly bytes: number;
}

/** How much more or fewer objects the next page may have: of small and large ones in turns, few pages are given up. */
const STEP = 8;
/** What is aimed at, of the bound: objects that follow each other differ. */
const AIM = 3 / 4;

export function createPageSize({ most, bytes: bound }: PageBounds): PageSize {
  let limit = most;
  return {
    limit: () => limit,
    mostBytes: () => (limit === 1 ? undefined : bound),
    came: (objects, bytes) => {
      const fitting = Math.floor((objects * bound * AIM) / bytes);
      limit = Math.max(1, Math.min(objects === 0 ? most : fitting, limit * STEP, most));
    },
    exceeded: () => {
      limit = Math.max(1, Math.floor(limit / STEP));
    },
  };
}
