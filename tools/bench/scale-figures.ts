/** A line of the table: what was measured, and what it may be. */
export interface Figure {
  readonly what: string;
  readonly measured: number;
  /** Empty for a ratio. */
  readonly unit: '' | 'ms' | 's' | 'MB' | '%';
  readonly atMost?: number;
  readonly atLeast?: number;
  /** What it was made from. */
  readonly from?: string;
}

/**
 * The figures as a Markdown table, and whether every limit holds. `slack` widens the limits: small sizes on a
 * machine that does much else find what became several times worse, not what became a little worse.
 */
export function renderFigures(figures: readonly Figure[], slack: number): { table: string; passes: boolean } {
  const rows = figures.map((figure) => ({
    figure,
    holds: isWithin(figure, 1),
    passes: isWithin(figure, slackOf(figure, slack)),
  }));
  const cells = rows.map(({ figure, holds, passes }) => [
    figure.what,
    format(figure.measured, figure.unit),
    describeLimit(figure),
    holds === undefined ? '' : holds ? 'met' : passes ? 'not met, within slack' : 'NOT MET',
    figure.from ?? '',
  ]);
  const table = [['figure', 'measured', 'limit', '', 'from'], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const lines = table.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return { table: lines.join('\n'), passes: rows.every(({ passes }) => passes !== false) };
}

/** Memory is the same on a busy machine. */
function slackOf({ unit }: Figure, slack: number): number {
  return unit === 'MB' ? 1 : slack;
}

/** Undefined: the figure has no limit. */
function isWithin({ measured, atMost, atLeast }: Figure, slack: number): boolean | undefined {
  if (atMost !== undefined) return measured <= atMost * slack;
  if (atLeast !== undefined) return measured >= atLeast / slack;
  return undefined;
}

function describeLimit({ atMost, atLeast, unit }: Figure): string {
  if (atMost !== undefined) return `≤ ${atMost}${unit === '' ? '' : ` ${unit}`}`;
  if (atLeast !== undefined) return `≥ ${atLeast}${unit === '' ? '' : ` ${unit}`}`;
  return '';
}

function format(value: number, unit: Figure['unit']): string {
  const digits = unit === 'MB' ? 0 : unit === 'ms' ? 1 : 2;
  return `${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`;
}

/** The value that a share of all values does not exceed; `share` from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
