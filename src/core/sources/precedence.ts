// Which of two sources gives a namespace its credential for one registry (docs/sources.md, "When two sources hold the
// same registry").
//
//   this source's scope | other source's scope | this source's name | winner
//   name                | glob                 | any                | this
//   name                | any                  | any                | this
//   glob                | any                  | any                | this
//   glob                | name                 | any                | other
//   any                 | name                 | any                | other
//   any                 | glob                 | any                | other
//   the same            | the same             | first in order     | this
//   the same            | the same             | last in order      | other
//
// "name", "glob" and "any" are the ranks in which the scopes admit the namespace; names are ordered by bytes.

import { compareBytes } from '../kubelet/byte-string.ts';
import type { ScopeRank } from './scope.ts';

/** A source as one namespace sees it. */
export interface Candidate {
  readonly source: string;
  readonly rank: ScopeRank;
}

/** Why one candidate comes before another. */
export type PrecedenceReason = 'scope' | 'name-order';

const ORDER: Readonly<Record<ScopeRank, number>> = { name: 0, glob: 1, any: 2 };

/** Negative when `left` comes before `right`; sorts the winner first. */
export function comparePrecedence(left: Candidate, right: Candidate): number {
  return ORDER[left.rank] - ORDER[right.rank] || compareBytes(left.source, right.source);
}

/** What decides between two candidates of different sources. */
export function explainPrecedence(left: Candidate, right: Candidate): PrecedenceReason {
  return left.rank === right.rank ? 'name-order' : 'scope';
}
