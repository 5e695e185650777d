import { BASE_REVIEWS } from './base-reviews.ts';
import { toTree, writeTree } from './json-tree.ts';
import { BYTE_MUTATIONS, TREE_MUTATIONS } from './mutations.ts';
import { Random } from './random.ts';

/** A mutated review, told by how it is made: taking away what made it leaves a case that is smaller. */
export interface ReviewCase {
  readonly base: number;
  readonly treeSteps: readonly Step[];
  readonly byteSteps: readonly Step[];
}

interface Step {
  readonly mutation: number;
  readonly seed: number;
}

export interface Request {
  readonly path: '/mutate' | '/validate';
  readonly body: Buffer;
}

/** The same seed and number make the same case. */
export function makeCase(seed: number, number: number): ReviewCase {
  const random = new Random((Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b)) >>> 0);
  random.next();
  const steps = (count: number, end: number): Step[] =>
    Array.from({ length: count }, () => ({ mutation: random.below(end), seed: random.next() }));
  return {
    base: random.below(BASE_REVIEWS.length),
    treeSteps: steps(random.below(5), TREE_MUTATIONS.length),
    // Most of what is changed in its bytes is no JSON any more, and ends there.
    byteSteps: random.chance(6) ? steps(1 + random.below(2), BYTE_MUTATIONS.length) : [],
  };
}

export function buildRequest({ base, treeSteps, byteSteps }: ReviewCase): Request {
  const { path, review } = BASE_REVIEWS[base] ?? fail();
  const tree = toTree(review);
  for (const { mutation, seed } of treeSteps) (TREE_MUTATIONS[mutation] ?? fail())(tree, new Random(seed));
  let body: Buffer = Buffer.from(writeTree(tree));
  for (const { mutation, seed } of byteSteps) body = (BYTE_MUTATIONS[mutation] ?? fail())(body, new Random(seed));
  return { path, body };
}

/** The case without one of its steps, in every way. */
export function smallerCases(large: ReviewCase): ReviewCase[] {
  const without = (steps: readonly Step[]): Step[][] => steps.map((_, index) => steps.toSpliced(index, 1));
  return [
    ...without(large.byteSteps).map((byteSteps) => ({ ...large, byteSteps })),
    ...without(large.treeSteps).map((treeSteps) => ({ ...large, treeSteps })),
  ];
}

function fail(): never {
  throw new Error('a case names a review or a mutation that there is not');
}
