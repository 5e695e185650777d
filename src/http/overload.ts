import type { ServerLimits } from './limits.ts';

/**
 * Says early that a request cannot be served in time, so that the API server asks again (or another replica) while it still
 * has the time to. Judges every turn of the event loop by itself, so it is over as soon as the backlog is.
 *
 * Requests that came while the loop was busy are handed out one after another within one turn. How long that turn has been
 * answering tells how long the ones at its end have waited; a single pause (a large list decoded, a garbage collection) before
 * the turn counts for nothing, since what came meanwhile is worked off faster than it came.
 */
export interface OverloadGuard {
  /** Asked at a request's headers: whether this turn has gone on for too long. */
  isTurnFull(): boolean;
  /** Takes a whole request on; false when there are too many. Each true needs one {@link leave}. */
  enter(): boolean;
  leave(): void;
  inFlight(): number;
}

export interface OverloadGuardOptions {
  readonly limits: Pick<ServerLimits, 'turnMs' | 'inFlight'>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Calls back after the events of this turn: `setImmediate`. */
  readonly afterTurn: (callback: () => void) => void;
}

export function createOverloadGuard({ limits, now, afterTurn }: OverloadGuardOptions): OverloadGuard {
  let turnStartedAt: number | undefined;
  let inFlight = 0;
  const endTurn = (): void => {
    turnStartedAt = undefined;
  };

  return {
    isTurnFull: () => {
      if (turnStartedAt !== undefined) return now() - turnStartedAt > limits.turnMs;
      turnStartedAt = now();
      afterTurn(endTurn);
      return false;
    },
    enter: () => {
      if (inFlight >= limits.inFlight) return false;
      inFlight++;
      return true;
    },
    leave: () => {
      inFlight--;
    },
    inFlight: () => inFlight,
  };
}
