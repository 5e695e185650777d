import type { Clock } from '../core/clock.ts';
import { endOfTerm, type EndOfTerm } from '../core/lease/outcome.ts';

/** What the leader's work holds in hand while it leads. */
export interface Leadership {
  /** Aborted when the term ends; its reason is a {@link LeadershipEnded}. */
  readonly signal: AbortSignal;
  /**
   * Ask right before each write. True only while the renew deadline has not passed by the monotonic clock, so a process
   * that was stopped and goes on sees false before anything else happens; once false it stays false.
   */
  isLeader(): boolean;
  /** How long it would stay true without another renewal, in ms; 0 when it is false. A write should not take longer. */
  remainingMs(): number;
}

/** The reason of an ended term's signal. */
class LeadershipEnded extends Error {
  override readonly name = 'LeadershipEnded';
  readonly end: EndOfTerm;

  constructor(end: EndOfTerm) {
    super(end.sentence);
    this.end = end;
  }
}

/** One stretch of leadership, from the holder's side. */
export interface Term extends Leadership {
  /** Moves the deadline. `since` is when the accepted renewal was sent; a renewal that comes too late changes nothing. */
  extend(since: number): void;
  /** Ends the term; the first end counts. */
  end(end: EndOfTerm): void;
  /** Ends the term when the deadline passes; resolves when it has ended, whatever ended it. */
  watchDeadline(): Promise<EndOfTerm>;
  /** When the last renewal's time is up, by the clock; also after the end. */
  deadline(): number;
}

/**
 * Time runs from when a renewal was sent, not from when its answer was seen: the others start to count no earlier than
 * the API server stored it, so the answer may be late, or the process stopped in between, and still nobody leads beside us.
 *
 * @param since when the write that took the Lease was sent, by the clock
 */
export function openTerm(clock: Clock, renewDeadlineMs: number, since: number): Term {
  const ending = new AbortController();
  const { signal } = ending;
  let ended: EndOfTerm | undefined;
  let deadline = since + renewDeadlineMs;

  const isLeader = (): boolean => ended === undefined && clock.now() < deadline;
  const end = (how: EndOfTerm): void => {
    if (ended !== undefined) return;
    ended = how;
    ending.abort(new LeadershipEnded(how));
  };

  return {
    signal,
    isLeader,
    remainingMs: () => (isLeader() ? deadline - clock.now() : 0),
    deadline: () => deadline,
    end,
    extend: (renewedAt) => {
      if (isLeader()) deadline = Math.max(deadline, renewedAt + renewDeadlineMs);
    },
    watchDeadline: async () => {
      for (;;) {
        if (ended !== undefined) return ended;
        if (isLeader()) await clock.sleep(deadline - clock.now(), signal);
        else end(endOfTerm.deadline(renewDeadlineMs));
      }
    },
  };
}
