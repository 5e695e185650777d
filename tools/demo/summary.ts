import { formatDuration } from '../programs/progress.ts';

export interface StepResult {
  readonly title: string;
  readonly held: boolean;
  /** What the summary says besides: a measurement, or what did not hold. */
  readonly note: string;
}

export interface SummaryLine {
  readonly line: string;
  readonly held: boolean;
}

/** One line a step, and one that counts them. */
export function renderSummary(results: readonly StepResult[], ms: number): readonly SummaryLine[] {
  const width = Math.max(...results.map(({ title }) => title.length));
  const rows = results.map(({ title, held, note }, index) => ({
    line: `${String(index + 1).padStart(4)}  ${held ? 'held  ' : 'FAILED'}  ${title.padEnd(width)}  ${note}`.trimEnd(),
    held,
  }));
  const failed = results.filter(({ held }) => !held).length;
  const total =
    failed === 0
      ? `All ${results.length} steps were seen to hold, in ${formatDuration(ms)}.`
      : `${failed} of ${results.length} steps did not hold.`;
  return [...rows, { line: `\n${total}`, held: failed === 0 }];
}
