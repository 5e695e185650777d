/** Something to measure. */
export interface Subject {
  /** Runs once; the result keeps the engine from leaving the work out. */
  readonly run: () => unknown;
  /** How often in one round: enough that a round takes some milliseconds. */
  readonly times: number;
}

/**
 * Nanoseconds a run, for each subject, the best of many rounds. Rounds take turns, so that a machine that gets slower
 * does so for all; the best round is the one that was disturbed least.
 */
export function measure(subjects: readonly Subject[], rounds: number): readonly number[] {
  const best = subjects.map(() => Number.POSITIVE_INFINITY);
  const results: unknown[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [index, { run, times }] of subjects.entries()) {
      const start = performance.now();
      let result: unknown;
      for (let time = 0; time < times; time++) result = run();
      const each = ((performance.now() - start) * 1e6) / times;
      results[index] = result;
      best[index] = Math.min(best[index] ?? each, each);
    }
  }
  if (results.length !== subjects.length) throw new Error('a subject was not run');
  return best;
}

/** A line of the table: what was compared, by how much it differs, and how much it may. */
export interface Comparison {
  readonly what: string;
  readonly ratio: number;
  /** Undefined: for information. */
  readonly limit?: number;
}

/** Prints a table and tells whether every limit holds. */
export function printComparisons(comparisons: readonly Comparison[]): boolean {
  const width = Math.max(...comparisons.map(({ what }) => what.length));
  for (const { what, ratio, limit } of comparisons) {
    const bound = limit === undefined ? '' : `  ${ratio <= limit ? 'holds' : 'FAILS'}: at most ${limit}`;
    console.log(`${what.padEnd(width)}  ${ratio.toFixed(2).padStart(9)}${bound}`);
  }
  return comparisons.every(({ ratio, limit }) => limit === undefined || ratio <= limit);
}
