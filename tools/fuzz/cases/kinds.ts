import type { Oracle } from '../../oracle/oracle.ts';
import type { CaseKind, Judgement } from './case-kind.ts';
import { imageKind, type ImageCase } from './image-case.ts';
import { keyKind, type KeyCase } from './key-case.ts';
import { lookupKind, type LookupCase } from './lookup-case.ts';
import { reachKind, type ReachCase } from './reach-case.ts';
import { selectorKind, type SelectorCase } from './selector-case.ts';
import { sourceKind, type SourceCase } from './source-case.ts';

export type TestCase = ImageCase | KeyCase | LookupCase | ReachCase | SelectorCase | SourceCase;

/** Asks the oracle about a case and compares. */
export async function judgeCase(oracle: Oracle, testCase: TestCase): Promise<Judgement> {
  switch (testCase.kind) {
    case 'image':
      return judgeKind(oracle, imageKind, testCase);
    case 'key':
      return judgeKind(oracle, keyKind, testCase);
    case 'lookup':
      return judgeKind(oracle, lookupKind, testCase);
    case 'reach':
      return judgeKind(oracle, reachKind, testCase);
    case 'selector':
      return judgeKind(oracle, selectorKind, testCase);
    case 'source':
      return judgeKind(oracle, sourceKind, testCase);
    default:
      throw new Error(`there is no such kind of case: ${JSON.stringify(testCase)}`);
  }
}

async function judgeKind<C>(oracle: Oracle, kind: CaseKind<C>, testCase: C): Promise<Judgement> {
  const answers = await Promise.all(kind.questions(testCase).map((question) => oracle.ask(question)));
  return kind.judge(testCase, answers);
}
