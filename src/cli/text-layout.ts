import { wrapWords } from '../word-wrap.ts';

// Plain text for terminals of a hundred columns and for pasting into a ticket.

const WIDTH = 100;
const LABEL_WIDTH = 16;
const GAP = '  ';
/** A narrower column would hold single words. */
const NARROWEST = 30;

/** A paragraph, indented; `mark` stands before its first line. */
export function fill(text: string, indent: number, mark = ''): readonly string[] {
  const rest = ' '.repeat(indent + mark.length);
  return wrapWords(text, WIDTH - rest.length).map((line, index) =>
    index === 0 ? `${' '.repeat(indent)}${mark}${line}` : rest + line,
  );
}

/** A paragraph beside its label. */
export function labelled(label: string, text: string, indent: number): readonly string[] {
  return fill(text, indent, label.padEnd(LABEL_WIDTH)).map((line) => line.trimEnd());
}

/**
 * Columns as wide as their content, under a labelled paragraph; the last one takes what is left, in several lines.
 * Nothing for no rows.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  indent: number,
): readonly string[] {
  if (rows.length === 0) return [];
  const lines = [head, ...rows];
  const margin = ' '.repeat(indent + LABEL_WIDTH);
  const widths = head.slice(0, -1).map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  const before = margin.length + widths.reduce((sum, width) => sum + width + GAP.length, 0);
  const rest = WIDTH - before;
  if (rest < NARROWEST) return rows.flatMap((cells) => stack(cells, margin.length));
  return lines.flatMap((cells) => {
    const start = widths.map((width, column) => (cells[column] ?? '').padEnd(width) + GAP).join('');
    return wrapWords(cells.at(-1) ?? '', rest).map((line, index) =>
      (index === 0 ? margin + start + line : ' '.repeat(before) + line).trimEnd(),
    );
  });
}

/** A row that is too wide: its last cell below the others. */
function stack(cells: readonly string[], indent: number): readonly string[] {
  return [...fill(cells.slice(0, -1).join(GAP), indent), ...fill(cells.at(-1) ?? '', indent + 2)];
}
