import type { Explanation } from './explanation.ts';
import type { Install, SubjectFacts } from './facts.ts';
import { explainSubject } from './subject.ts';
import type { Unread } from './unread.ts';

/** Explains why images pull, or do not: of Pods that are there, and of Pods that would be made. Holds no credential. */
export function explain(install: Install, subjects: readonly SubjectFacts[], unread: readonly Unread[]): Explanation {
  return {
    kind: 'PullkeeperExplanation',
    version: 1,
    subjects: subjects.map((subject) => explainSubject(install, subject)),
    unread,
  };
}
