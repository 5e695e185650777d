import { backoffMs } from '../core/backoff.ts';
import type { Clock, Random } from '../core/clock.ts';
import { isLater } from '../core/resource-version.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './kube-error.ts';
import { createListPages } from './list-pages.ts';
import type { ObjectMeta } from './object-meta.ts';
import { REFLECTOR_LIMITS, type ReflectorLimits } from './reflector-limits.ts';
import { createReflectorStore, type Change } from './reflector-store.ts';

export type { Change } from './reflector-store.ts';

export interface ReflectorOptions<Kept> {
  /** For logs and metrics: "sources", "namespaces", … */
  readonly name: string;
  readonly client: Pick<KubeClient, 'call' | 'watch'>;
  readonly path: string;
  readonly fieldSelector?: string;
  /** Media types to ask for, where it is not whole objects. */
  readonly accept?: { readonly list: string; readonly watch: string };
  /** What is kept of an object; undefined keeps nothing of it. Must not hold on to the object as a whole. */
  readonly keep: (object: unknown, meta: ObjectMeta) => Kept | undefined;
  readonly onChange: (change: Change<Kept>) => void;
  /** Told after a list and all the changes that it brought. */
  readonly onListed?: () => void;
  readonly onError: (error: KubeError, next: 'relist' | 'resume') => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: Partial<ReflectorLimits>;
}

export interface ReflectorHealth {
  readonly synced: boolean;
  readonly items: number;
  /** Clock.wallTime() of the last list or event, bookmarks included; undefined before the first. */
  readonly lastEventAt: number | undefined;
  readonly lastError: { readonly reason: string; readonly at: number } | undefined;
  readonly lists: number;
  readonly watches: number;
}

export interface Reflector<Kept> {
  readonly name: string;
  /** What is known, by key (`namespace/name`, or the name of what has no namespace). */
  readonly items: ReadonlyMap<string, Kept>;
  hasSynced(): boolean;
  health(): ReflectorHealth;
  /** Resolves after the first whole list. */
  readonly synced: Promise<void>;
  /** The API server's version up to which everything was told; undefined before the first list. */
  version(): string | undefined;
  /** Lists anew and resolves when that is done: what is known then is no older than this call. */
  refresh(signal: AbortSignal): Promise<void>;
  /** Ends the wait before the next try: what it waited for may be over. */
  hurry(): void;
  /** Lists and watches until the signal aborts; then resolves. Never rejects, whatever the API server does. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * A list and a watch that never stop: the watch is resumed from the last resourceVersion, a new list follows a 410
 * ("Expired") and a version that the API server does not have yet, and each failure is answered by waiting and trying
 * again. A list replaces the store only when it is whole.
 */
export function createReflector<Kept>(options: ReflectorOptions<Kept>): Reflector<Kept> {
  const limits: ReflectorLimits = { ...REFLECTOR_LIMITS, ...options.limits };
  const { clock, random } = options;
  const { fieldSelector } = options;
  const store = createReflectorStore(options);
  const pages = createListPages(options, limits.page);
  const { promise: synced, resolve: resolveSynced } = Promise.withResolvers<void>();
  /** The version that the watch goes on from; undefined: a list is due. */
  let resumeFrom: string | undefined;
  /** A watch broke, or ended without even a bookmark: the API server may know less than we do. */
  let isInDoubt = false;
  let hasSynced = false;
  let lastEventAt: number | undefined;
  let lastError: ReflectorHealth['lastError'];
  let lists = 0;
  let watches = 0;
  let listed = Promise.withResolvers<void>();
  let wantsList = false;
  let failures = 0;
  /** Aborted to have what is under way given up: a list, a watch, or a wait. */
  let attempt = new AbortController();
  let wait = new AbortController();

  async function list(signal: AbortSignal): Promise<void> {
    const whole = store.beginList();
    let token: string | undefined;
    do {
      const page = await pages.next(token, limits.listTimeoutMs, signal);
      for (const object of page.items) whole.add(object);
      token = page.continueToken;
      if (token === undefined) whole.end(page.resourceVersion);
    } while (token !== undefined);

    lists++;
    options.onListed?.();
    resumeFrom = store.version();
    isInDoubt = false;
    lastEventAt = clock.wallTime();
    hasSynced = true;
    resolveSynced();
    listed.resolve();
    listed = Promise.withResolvers<void>();
  }

  /**
   * Whether the API server is older than what we know: etcd was restored from a backup. A watch from a version to come is
   * none that fails: it stays silent until that version is reached, however much happens before.
   */
  async function wentBack(from: string, signal: AbortSignal): Promise<boolean> {
    return isLater(from, await pages.version(limits.headersTimeoutMs, signal));
  }

  /** Returns whether the stream brought anything or lasted a while, that is, whether resuming at once is no busy loop. */
  async function follow(from: string, signal: AbortSignal): Promise<boolean> {
    const startedAt = clock.now();
    let events = 0;
    watches++;
    const stream = options.client.watch({
      path: options.path,
      query: {
        fieldSelector,
        resourceVersion: from,
        allowWatchBookmarks: 'true',
        timeoutSeconds: String(Math.round(limits.watchSeconds * (1 + random()))),
      },
      headersTimeoutMs: limits.headersTimeoutMs,
      silenceMs: limits.silenceMs,
      signal,
      ...(options.accept === undefined ? {} : { accept: options.accept.watch }),
    });
    for await (const event of stream) {
      events++;
      store.take(event);
      resumeFrom = store.version();
      lastEventAt = clock.wallTime();
    }
    isInDoubt = events === 0;
    return events > 0 || clock.now() - startedAt > 1000;
  }

  /** Gives up what is under way. */
  function interrupt(): void {
    attempt.abort();
    wait.abort();
  }

  async function run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', interrupt);
    while (!signal.aborted) {
      const startedAt = clock.now();
      attempt = new AbortController();
      wait = new AbortController();
      let retryAfterSeconds: number | undefined;
      try {
        // A list alone is no success yet: one that is followed by a watch that fails again and again must not be repeated
        // without a pause.
        if (resumeFrom === undefined || wantsList) {
          wantsList = false;
          resumeFrom = undefined;
          await list(attempt.signal);
          continue;
        }
        if (isInDoubt && (await wentBack(resumeFrom, attempt.signal))) {
          resumeFrom = undefined;
          continue;
        }
        isInDoubt = false;
        if (await follow(resumeFrom, attempt.signal)) failures = 0;
        else failures++;
      } catch (error) {
        isInDoubt = true;
        if (attempt.signal.aborted) continue;
        const problem = error instanceof KubeError ? error : new KubeError(0, 'Unexpected', describe(error));
        const expired = problem.status === 410 || problem.reason === 'Expired';
        if (expired) resumeFrom = undefined;
        lastError = { reason: problem.reason, at: clock.wallTime() };
        options.onError(problem, expired || resumeFrom === undefined ? 'relist' : 'resume');
        retryAfterSeconds = problem.retryAfterSeconds;
        failures++;
      }
      if (failures === 0) continue;
      // The time that the failed try took counts as waiting: what hung for seconds is tried again at once.
      const waitMs = backoffMs(limits.backoff, failures, random, retryAfterSeconds) - (clock.now() - startedAt);
      if (waitMs > 0) await clock.sleep(waitMs, wait.signal);
    }
    signal.removeEventListener('abort', interrupt);
  }

  async function refresh(signal: AbortSignal): Promise<void> {
    // What a list under way has seen may be older than this call: it is begun again as well.
    wantsList = true;
    const done = listed.promise;
    interrupt();
    const given = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => given.resolve(), { once: true });
    if (!signal.aborted) await Promise.race([done, given.promise]);
  }

  function hurry(): void {
    failures = 0;
    wait.abort();
  }

  return {
    name: options.name,
    items: store.items,
    version: () => store.version(),
    refresh,
    hurry,
    hasSynced: () => hasSynced,
    health: () => ({ synced: hasSynced, items: store.items.size, lastEventAt, lastError, lists, watches }),
    synced,
    run,
  };
}

/** A fault of our own must not stop a watch; its message is ours, no object is in it. */
function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
}
