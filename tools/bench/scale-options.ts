import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run bench:scale [-- OPTIONS]

Measures Pullkeeper's bundle on a Kubernetes control plane of its own, against plain loops that do the same work on the
same API server in the same run, and prints a table. The full form takes some minutes and wants the machine for itself.

Options:
  --quick        small sizes, wide limits: well under a minute, for CI
  --only PARTS   some parts alone, comma-separated: labelling, rotation, reach, footprint
  --entry FILE   the program to measure; default: dist/pullkeeper.js
  --help         show this and exit

Exit status: 0 when every figure is met, 1 when one is not, 2 for wrong options.
`;

export const PARTS = ['labelling', 'rotation', 'reach', 'footprint'] as const;
export type Part = (typeof PARTS)[number];

/** How much of everything. */
export interface Sizes {
  /** Namespaces that are labelled one after another, on each side; and those under a stream of Pods. */
  readonly labelled: number;
  readonly labelledUnderPods: number;
  readonly podsPerSecond: number;
  /** Namespaces that are created at once. */
  readonly created: number;
  readonly createdRounds: number;
  /** Over how many namespaces a credential is rotated, and how often. Ascending. */
  readonly rotations: readonly { readonly namespaces: number; readonly rounds: number }[];
  /** The large cluster. */
  readonly namespaces: number;
  readonly sources: number;
  readonly restSeconds: number;
  /** How many namespaces a changed source reaches. */
  readonly reach: { readonly few: number; readonly many: number };
  /** Longer than all Secrets of a part take on a busy machine: then they are taken not to come at all. */
  readonly patienceSeconds: number;
  /** By how much a figure may miss its limit before the run counts as failed. */
  readonly slack: number;
}

const FULL: Sizes = {
  labelled: 300,
  labelledUnderPods: 300,
  podsPerSecond: 100,
  created: 800,
  createdRounds: 5,
  rotations: [
    { namespaces: 1000, rounds: 5 },
    { namespaces: 5000, rounds: 5 },
  ],
  namespaces: 10_000,
  sources: 200,
  restSeconds: 60,
  reach: { few: 10, many: 1000 },
  patienceSeconds: 300,
  slack: 1,
};

const QUICK: Sizes = {
  labelled: 40,
  labelledUnderPods: 40,
  podsPerSecond: 50,
  created: 100,
  createdRounds: 3,
  rotations: [{ namespaces: 200, rounds: 3 }],
  namespaces: 600,
  sources: 50,
  restSeconds: 4,
  reach: { few: 10, many: 200 },
  patienceSeconds: 60,
  slack: 4,
};

export interface ScaleOptions {
  readonly help: boolean;
  readonly sizes: Sizes;
  readonly parts: ReadonlySet<Part>;
  readonly entry: string | undefined;
}

/** Returns the options, or a sentence that says what is wrong with them. */
export function readOptions(args: readonly string[]): ScaleOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean' },
        quick: { type: 'boolean' },
        only: { type: 'string' },
        entry: { type: 'string' },
      },
    });
    const named = values.only?.split(',') ?? PARTS;
    const unknown = named.find((part) => !PARTS.some((known) => known === part));
    if (unknown !== undefined) return `--only names no part "${unknown}": there are ${PARTS.join(', ')}`;
    return {
      help: values.help ?? false,
      sizes: values.quick === true ? QUICK : FULL,
      parts: new Set(PARTS.filter((part) => named.includes(part))),
      entry: values.entry,
    };
  } catch (error) {
    return (error as Error).message;
  }
}
