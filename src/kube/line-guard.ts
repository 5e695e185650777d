import type { Clock } from '../core/clock.ts';
import { KubeError } from './kube-error.ts';

/** A request that is under way. */
export interface Exchange {
  /** Something of its answer came. */
  heard(): void;
  /** `broken`: refused or reset. `silent`: its time limit passed. */
  end(result: 'over' | 'broken' | 'silent'): void;
  /** Whether it was cut here, and so may be begun again. */
  isCut(): boolean;
}

export type ExchangeKind =
  | { readonly kind: 'watch' }
  /** `cuts`: how often this very call was cut before. `slowAfterMs`: without an answer for this long it is silent. */
  | { readonly kind: 'call'; readonly cuts: number; readonly slowAfterMs: number };

/**
 * Finds connections that went silent. TCP tells of a peer that is gone only when it answers; behind a network that drops
 * packets, or a load balancer that has forgotten a connection, a watch that says nothing looks like one that has nothing
 * to say. So when a request fails without an answer, or gets none for a while, the API server is asked something small
 * over a new connection, until it answers. Then, of the requests that were under way before and were silent since:
 *
 * | what began it     | first probe | watches are               | calls without any answer are |
 * |-------------------|-------------|---------------------------|------------------------------|
 * | a broken request  | answered    | left                      | left                         |
 * | a silent request  | answered    | cut after their patience  | cut after their patience     |
 * | either            | missed      | cut                       | cut after their patience     |
 *
 * An API server that is merely slow looks like a line that is dead: that is what patience is for. A call's grows each time
 * it is cut, so that slow calls get through in the end. The watches' grows each time they are cut, so that they live long
 * enough for their bookmarks, until it shows that the API server is not slow: a call that was cut is answered at once when
 * it is sent again, or there was no silence for a while.
 */
export interface LineGuard {
  /** @param cut ends the request */
  begin(what: ExchangeKind, cut: (error: KubeError) => void): Exchange;
  /** Told when the API server answers again after it did not. */
  onRecovery(listener: () => void): void;
}

export interface LineGuardOptions {
  /** Asks over a connection of its own; resolves with any answer whatever, rejects without one. */
  readonly probe: () => Promise<unknown>;
  /**
   * From now on requests go over new connections alone: those that are idle, or are being made, may be dead as well. Called
   * before anything is cut.
   */
  readonly leaveConnections: () => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Calls under way are looked at this often. */
const LOOK_MS = 200;
/** From the start of one probe to the start of the next. */
const PROBE_MS = 1000;
/** Less than a call's slowAfterMs: what made the line suspect is cut as soon as it is known that others are answered. */
const PATIENCE_MS = 500;
/** A second try has 4 s; a third one is left to its time limit. */
const CALL_GROWTH = 8;
const WATCH_GROWTH = 2;
/** Longer than a watch lives (reflector.ts); it gets a bookmark before its end. */
const MOST_PATIENCE_MS = 64_000;
/** Replicas call every 2 s to 4.4 s: an API server that goes on being slow is noticed again within this time. */
const CALM_MS = 5000;

interface Tracked {
  readonly what: ExchangeKind;
  readonly startedAt: number;
  readonly cut: (error: KubeError) => void;
  heardAt: number | undefined;
  state: 'open' | 'suspected' | 'cut';
}

/** From the first sign that something is wrong to the probe that was answered. */
interface Trouble {
  isSilence: boolean;
  hasMissed: boolean;
  lastSignAt: number;
}

export function createLineGuard({ probe, leaveConnections, clock, signal }: LineGuardOptions): LineGuard {
  const exchanges = new Set<Tracked>();
  const listeners: (() => void)[] = [];
  let isLooking = false;
  let isExamining = false;
  let trouble: Trouble | undefined;
  let silenceEndedAt = -Infinity;
  let watchPatienceMs = PATIENCE_MS;

  /** Looks at calls without an answer for as long as there are any. */
  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    for (let isWaiting = true; isWaiting && !signal.aborted;) {
      await clock.sleep(LOOK_MS, signal);
      isWaiting = false;
      for (const exchange of exchanges) {
        const { what, startedAt, heardAt, state } = exchange;
        if (what.kind === 'watch' || heardAt !== undefined || state !== 'open') continue;
        isWaiting = true;
        if (clock.now() - startedAt < what.slowAfterMs) continue;
        exchange.state = 'suspected';
        suspect(true);
      }
    }
    isLooking = false;
  }

  function suspect(isSilence: boolean): void {
    trouble ??= { isSilence: false, hasMissed: false, lastSignAt: clock.now() };
    if (isSilence) trouble.isSilence = true;
    if (!isExamining) void examine();
  }

  async function examine(): Promise<void> {
    isExamining = true;
    for (let current = trouble; current !== undefined && !signal.aborted; current = trouble) {
      const sentAt = clock.now();
      try {
        await probe();
        trouble = undefined;
        settle(current, sentAt);
      } catch {
        current.hasMissed = true;
        current.lastSignAt = sentAt;
      }
      await clock.sleep(Math.max(0, sentAt + PROBE_MS - clock.now()), signal);
    }
    isExamining = false;
  }

  function settle(over: Trouble, probedAt: number): void {
    if (over.hasMissed) leaveConnections();
    if (over.isSilence || over.hasMissed) {
      if (clock.now() - silenceEndedAt > CALM_MS) watchPatienceMs = PATIENCE_MS;
      silenceEndedAt = clock.now();
      cutSilent(over, probedAt);
    }
    if (over.hasMissed) for (const listener of listeners) listener();
  }

  function cutSilent(over: Trouble, probedAt: number): void {
    const now = clock.now();
    const due: Tracked[] = [];
    let nextMs = Infinity;
    for (const exchange of exchanges) {
      if (exchange.state === 'cut' || exchange.startedAt > probedAt || hasSpoken(exchange, over)) continue;
      const waitMs = (exchange.heardAt ?? exchange.startedAt) + patienceMs(exchange.what, over) - now;
      if (waitMs > 0) nextMs = Math.min(nextMs, waitMs);
      else due.push(exchange);
    }
    if (due.length > 0 && !over.hasMissed) leaveConnections();
    if (!over.hasMissed && due.some(({ what }) => what.kind === 'watch')) {
      watchPatienceMs = Math.min(watchPatienceMs * WATCH_GROWTH, MOST_PATIENCE_MS);
    }
    for (const exchange of due) {
      exchange.state = 'cut';
      exchange.cut(new KubeError(0, 'LineSilent', 'the connection went silent; the API server answers on others'));
    }
    if (nextMs === Infinity) return;
    void clock.sleep(nextMs, signal).then(() => {
      if (!signal.aborted) cutSilent(over, probedAt);
    });
  }

  function hasSpoken({ what, heardAt }: Tracked, over: Trouble): boolean {
    return heardAt !== undefined && (what.kind === 'call' || heardAt > over.lastSignAt);
  }

  function patienceMs(what: ExchangeKind, over: Trouble): number {
    if (what.kind === 'call') return PATIENCE_MS * CALL_GROWTH ** what.cuts;
    return over.hasMissed ? 0 : watchPatienceMs;
  }

  return {
    begin: (what, cut) => {
      const exchange: Tracked = { what, startedAt: clock.now(), cut, heardAt: undefined, state: 'open' };
      exchanges.add(exchange);
      if (what.kind === 'call') void look();
      return {
        heard: () => {
          exchange.heardAt = clock.now();
          if (what.kind !== 'call' || what.cuts === 0) return;
          if (exchange.heardAt - exchange.startedAt < what.slowAfterMs) watchPatienceMs = PATIENCE_MS;
        },
        end: (result) => {
          exchanges.delete(exchange);
          if (result !== 'over' && exchange.state !== 'cut') suspect(result === 'silent');
        },
        isCut: () => exchange.state === 'cut',
      };
    },
    onRecovery: (listener) => {
      listeners.push(listener);
    },
  };
}
