import type { Session } from './session.ts';

/** One thing that the demo shows and checks. Later steps may build on what earlier ones made. */
export interface Step {
  readonly title: string;
  /** A sentence or two that say what to look at. */
  readonly about: string;
  /** Rejects with `NotSeen` when something does not hold. What it returns goes into the summary. */
  readonly run: (session: Session) => Promise<string | void>;
}
