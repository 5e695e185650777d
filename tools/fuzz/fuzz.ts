import * as fc from 'fast-check';
import type { Oracle } from '../oracle/oracle.ts';
import { testCases } from './arbitraries.ts';
import type { Disagreement } from './cases/case-kind.ts';
import { judgeCase, type TestCase } from './cases/kinds.ts';

export interface FuzzOptions {
  readonly oracle: Oracle;
  /** How many cases. */
  readonly cases: number;
  /** An integer; the same seed makes the same cases. */
  readonly seed: number;
  /** Called now and then with the number of cases done. */
  readonly onProgress?: (done: number) => void;
}

/** The first disagreement, made as small as it gets. */
export interface Finding {
  readonly testCase: TestCase;
  readonly kubelet: unknown;
  readonly disagreements: readonly Disagreement[];
}

/** Cases that are asked at once: enough to keep the oracle busy while the next are made. */
const batchSize = 1000;

/** Runs generated cases through the kubelet's code and ours until they disagree; undefined when they never do. */
export async function fuzz({ oracle, cases, seed, onProgress }: FuzzOptions): Promise<Finding | undefined> {
  let pending: Promise<number> = Promise.resolve(-1);
  for (let done = 0; done < cases; done += batchSize) {
    const numRuns = Math.min(batchSize, cases - done);
    // Each batch has a seed of its own: it can be made again to shrink what it found.
    const batchSeed = seed + done / batchSize;
    const batch = fc.sample(testCases, { seed: batchSeed, numRuns });
    const previous = pending;
    pending = findFirst(oracle, batch);
    if ((await previous) >= 0) return shrink(oracle, batchSeed - 1, batchSize);
    onProgress?.(done);
    if (done + batchSize >= cases && (await pending) >= 0) return shrink(oracle, batchSeed, numRuns);
  }
  onProgress?.(cases);
  return undefined;
}

/** The place of the first case that disagrees, or -1. */
async function findFirst(oracle: Oracle, batch: readonly TestCase[]): Promise<number> {
  const judgements = await Promise.all(batch.map((testCase) => judgeCase(oracle, testCase)));
  return judgements.findIndex(({ disagreements }) => disagreements.length > 0);
}

async function shrink(oracle: Oracle, seed: number, numRuns: number): Promise<Finding> {
  const property = fc.asyncProperty(testCases, async (testCase) => {
    const { disagreements } = await judgeCase(oracle, testCase);
    return disagreements.length === 0;
  });
  const { counterexample } = await fc.check(property, { seed, numRuns });
  if (counterexample === null) throw new Error(`seed ${seed}: a disagreement did not show again`);
  const [testCase] = counterexample;
  return { testCase, ...(await judgeCase(oracle, testCase)) };
}

/** What does not hold, and the case as a golden file, ready to be saved. */
export function formatFinding({ testCase, kubelet, disagreements }: Finding): string {
  const said = disagreements.map(
    ({ property, kubelet: right, ours }) =>
      `does not hold: ${property}\n  kubelet: ${JSON.stringify(right)}\n  ours:    ${JSON.stringify(ours)}`,
  );
  const folder = testCase.kind === 'source' || testCase.kind === 'selector' ? 'sources' : 'kubelet';
  const golden = JSON.stringify({ why: 'found by fuzzing', ...testCase, kubelet }, undefined, 2);
  return [...said, `test/fixtures/${folder}/${testCase.kind}/NAME.json:`, golden].join('\n');
}
