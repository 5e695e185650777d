import { isDeepStrictEqual } from 'node:util';
import type { Answer, Question } from '../../oracle/protocol.ts';

/**
 * One kind of case: how it is asked of the kubelet's code, and what must hold between its answers and ours. The same
 * cases are generated and kept as golden files, so a disagreement can be saved as it is printed.
 */
export interface CaseKind<C> {
  questions(testCase: C): readonly Question[];
  judge(testCase: C, answers: readonly Answer[]): Judgement;
}

export interface Judgement {
  /** The kubelet's answer, as a golden file keeps it. */
  readonly kubelet: unknown;
  readonly disagreements: readonly Disagreement[];
}

export interface Disagreement {
  /** What should have held. */
  readonly property: string;
  readonly kubelet: unknown;
  readonly ours: unknown;
}

/** A kind of one question whose two answers must be the same. */
export function sameAnswer<C>(
  property: string,
  parts: {
    readonly question: (testCase: C) => Question;
    readonly kubelet: (testCase: C, answer: Answer) => unknown;
    readonly ours: (testCase: C) => unknown;
  },
): CaseKind<C> {
  return {
    questions: (testCase) => [parts.question(testCase)],
    judge(testCase, [answer]) {
      if (answer === undefined) throw new Error('a question has no answer');
      const kubelet = parts.kubelet(testCase, answer);
      return { kubelet, disagreements: compare(property, kubelet, parts.ours(testCase)) };
    },
  };
}

/** One disagreement, or none. */
export function compare(property: string, kubelet: unknown, ours: unknown): readonly Disagreement[] {
  return isDeepStrictEqual(kubelet, ours) ? [] : [{ property, kubelet, ours }];
}
