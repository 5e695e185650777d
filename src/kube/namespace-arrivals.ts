import type { Clock } from '../core/clock.ts';

/** Requests that wait until the watch brings their namespace: one that the API server calls about is on its way to us. */
export interface NamespaceArrivals {
  /** @param client whom the request comes from: who has most waiting gives way first */
  expect(name: string, client: string): Arrival;
  /** The watch told of this namespace. */
  tell(name: string): void;
}

export interface Arrival {
  /** Resolves when the namespace was told of, the time is up, or too many wait. */
  readonly over: Promise<undefined>;
  leave(): void;
}

export interface ArrivalLimits {
  readonly waitMs: number;
  readonly waiting: number;
}

const DEFAULT_LIMITS: ArrivalLimits = {
  // The watch normally takes milliseconds. As long as a GET may take: the creation of the Secret has to fit in as well.
  waitMs: 800,
  // Half of the requests that the server takes on at once (http/limits.ts, inFlight): whoever names namespaces that are
  // none leaves the other half to those that need not wait.
  waiting: 500,
};

interface Waiter {
  readonly name: string;
  readonly client: string;
  readonly end: () => void;
}

/**
 * Waiting costs the API server nothing, so that anybody may. When too many do, the one that has waited longest goes, of the
 * client that has most of them: a flood from one address pushes out its own.
 */
export function createNamespaceArrivals(clock: Clock, limits: ArrivalLimits = DEFAULT_LIMITS): NamespaceArrivals {
  const byName = new Map<string, Set<Waiter>>();
  const byClient = new Map<string, Set<Waiter>>();
  let waiting = 0;

  function leave(waiter: Waiter): void {
    if (!removeFrom(byName, waiter.name, waiter)) return;
    removeFrom(byClient, waiter.client, waiter);
    waiting--;
    waiter.end();
  }

  function makeRoom(): void {
    let most: ReadonlySet<Waiter> = new Set();
    for (const group of byClient.values()) if (group.size > most.size) most = group;
    const [longest] = most;
    if (longest !== undefined) leave(longest);
  }

  return {
    expect: (name, client) => {
      if (waiting >= limits.waiting) makeRoom();
      const { promise: over, resolve } = Promise.withResolvers<undefined>();
      const ending = new AbortController();
      const waiter: Waiter = {
        name,
        client,
        end: () => {
          ending.abort();
          resolve(undefined);
        },
      };
      addTo(byName, name, waiter);
      addTo(byClient, client, waiter);
      waiting++;
      void clock.sleep(limits.waitMs, ending.signal).then(() => leave(waiter));
      return { over, leave: () => leave(waiter) };
    },
    tell: (name) => {
      for (const waiter of byName.get(name) ?? []) leave(waiter);
    },
  };
}

function addTo(groups: Map<string, Set<Waiter>>, key: string, waiter: Waiter): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, new Set([waiter]));
  else group.add(waiter);
}

function removeFrom(groups: Map<string, Set<Waiter>>, key: string, waiter: Waiter): boolean {
  const group = groups.get(key);
  if (group?.delete(waiter) !== true) return false;
  if (group.size === 0) groups.delete(key);
  return true;
}
