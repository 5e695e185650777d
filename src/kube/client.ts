import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import type { Clock } from '../core/clock.ts';
import { decodeWatchLine, parseAnswer, splitLines, type WatchEvent } from './answer.ts';
import { openCancel, type Cancel } from './cancel.ts';
import { createDispatcher, createPools, readCredentials, rememberCredentials } from './connection.ts';
import { asKubeError, fromStatus, isNoAnswer, KubeError, TIMEOUT } from './kube-error.ts';
import { createLineGuard, type Exchange } from './line-guard.ts';
import { systemClock } from './system-clock.ts';
import { requestWhole, type WholeAnswer } from './whole-answer.ts';

export type { WatchEvent } from './answer.ts';

/** What is sent to the API server. `query` values are encoded here; `path` is encoded by the caller. */
export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** Whole call, connection included. Default 10 s. */
  readonly timeoutMs?: number;
  /** Without an answer for this long, the line is suspect (line-guard.ts). Default a tenth of `timeoutMs`, 800 ms at least. */
  readonly slowAfterMs?: number;
  readonly signal?: AbortSignal;
  /** An answer that is larger is given up, and the call rejects with the reason TooLarge. */
  readonly mostBytes?: number | undefined;
  /** Told how large the answer is. */
  readonly onSize?: (bytes: number) => void;
}

export interface WatchRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly accept?: string;
  /** How long the API server may take to answer with headers; it does so before the first event. */
  readonly headersTimeoutMs: number;
  /** How long the stream may be silent before it counts as dead. Bookmarks come about once a minute. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/**
 * Calls to one API server over one shared HTTP/1.1 pool.
 * Every failure is a {@link KubeError}; an abort by the caller's own signal rejects with that signal's reason.
 */
export interface KubeClient {
  /** Sends one request and returns the decoded JSON body of a 2xx answer. */
  call(request: KubeRequest): Promise<unknown>;
  /** Yields watch events until the API server ends the stream; throws KubeError for ERROR events, silence and breaks. */
  watch(request: WatchRequest): AsyncGenerator<WatchEvent, void, void>;
  /** Tells when the API server answers again after it did not: who waits before the next try need not wait on. */
  onRecovery(listener: () => void): void;
  /** Ends every connection; calls under way reject. */
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/**
 * A call without an answer for this long makes the line suspect (line-guard.ts): a leader calls every 2 s, so that a line
 * which went silent is found, and watches over it are taken up again, within 5 s. A call that may take longer by its own
 * time limit is slow later.
 */
const SLOW_MS = 800;
const SLOW_SHARE = 0.1;
/** Asks what every API server tells everyone without a look at etcd. */
const PROBE = { method: 'GET', path: '/version' } as const;
const PROBE_TIMEOUT_MS = 1000;

/** Builds a client from a kubeconfig's current context (its CA, client certificate, token, exec plugin, proxy). */
export async function createKubeClient(
  config: KubeConfig,
  options: { readonly userAgent: string; readonly clock?: Clock },
): Promise<KubeClient> {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new KubeError(0, 'NoCluster', 'the kubeconfig has no current context with a cluster');
  const base = new URL(cluster.server);
  const basePath = base.pathname.replace(/\/$/, '');
  const clock = options.clock ?? systemClock;
  const credentials = rememberCredentials(() => readCredentials(config), clock);
  const pools = createPools((now) => createDispatcher(cluster.proxyUrl, now), await credentials.get());
  const lifetime = new AbortController();
  const guard = createLineGuard({
    probe,
    leaveConnections: () => pools.renew(),
    clock,
    signal: lifetime.signal,
  });

  /** Before a pool is taken: which one it is depends on the credentials of now. */
  async function address(request: KubeRequest): Promise<Dispatcher.DispatchOptions & { origin: string }> {
    const now = await credentials.get();
    pools.follow(now);
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    return {
      origin: base.origin,
      path: `${basePath}${request.path}${encodeQuery(request.query)}`,
      method: request.method,
      headers: {
        ...now.headers,
        accept: request.accept ?? 'application/json',
        'user-agent': options.userAgent,
        ...(body === null ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      body,
    };
  }

  async function probe(): Promise<void> {
    const own = pools.separate();
    const limits = { headersTimeout: PROBE_TIMEOUT_MS, bodyTimeout: PROBE_TIMEOUT_MS };
    using cancel = openCancel(lifetime.signal, PROBE_TIMEOUT_MS);
    try {
      await requestWhole(own, { ...(await address(PROBE)), ...limits }, { cancel });
    } finally {
      await own.destroy();
    }
  }

  async function call(request: KubeRequest): Promise<unknown> {
    const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    using deadline = openCancel(request.signal, timeoutMs);
    for (let cuts = 0; ; cuts++) {
      const answer = await ask(request, { timeoutMs, cuts, deadline });
      if (answer === 'cut') continue;
      request.onSize?.(answer.bytes);
      return decodeAnswer(answer);
    }
  }

  /** One try of a call. Cut, it may be repeated: what the API server did all the same, it does not do twice. */
  async function ask(
    request: KubeRequest,
    { timeoutMs, cuts, deadline }: { timeoutMs: number; cuts: number; deadline: Cancel },
  ): Promise<WholeAnswer | 'cut'> {
    const cancel = openCancel();
    deadline.onAbort(cancel.abort);
    const { slowAfterMs = Math.max(SLOW_MS, timeoutMs * SLOW_SHARE) } = request;
    const exchange = guard.begin({ kind: 'call', cuts, slowAfterMs }, cancel.abort);
    let result: Ending = 'over';
    try {
      const whole = { ...(await address(request)), headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
      const answer = await requestWhole(pools.current(), whole, {
        cancel,
        onHeaders: () => exchange.heard(),
        mostBytes: request.mostBytes,
      });
      if (answer.status === 401) credentials.forget();
      return answer;
    } catch (error) {
      request.signal?.throwIfAborted();
      const over = deadline.reason();
      if (exchange.isCut() && over === undefined) return 'cut';
      const problem = asKubeError(over ?? error);
      result = endingOf(problem);
      throw problem;
    } finally {
      exchange.end(result);
    }
  }

  async function* watch(request: WatchRequest): AsyncGenerator<WatchEvent, void, void> {
    const stream = new AbortController();
    using cancel = openCancel(request.signal);
    cancel.onAbort((reason) => stream.abort(reason));
    const exchange = guard.begin({ kind: 'watch' }, cancel.abort);
    let result: Ending = 'over';
    try {
      const { path, query } = request;
      const to = await address({ method: 'GET', path, query: { ...query, watch: 'true' }, ...accept(request.accept) });
      const { statusCode, headers, body } = await pools.current().request({
        ...to,
        headersTimeout: request.headersTimeoutMs,
        bodyTimeout: request.silenceMs,
        signal: stream.signal,
      });
      exchange.heard();
      if (statusCode === 401) credentials.forget();
      if (statusCode !== 200) throw fromStatus(statusCode, await body.text(), headerValue(headers['retry-after']));
      for await (const line of splitLines(body)) {
        exchange.heard();
        yield decodeWatchLine(line);
      }
    } catch (error) {
      request.signal.throwIfAborted();
      const problem = asKubeError(error);
      result = endingOf(problem);
      throw problem;
    } finally {
      exchange.end(result);
      // Ends the stream where the reader left it.
      cancel.abort(new KubeError(0, 'WatchEnded', 'the watch has ended'));
    }
  }

  return {
    call,
    watch,
    onRecovery: (listener) => guard.onRecovery(listener),
    close: () => {
      lifetime.abort();
      return pools.destroy();
    },
  };
}

function decodeAnswer({ status, text, retryAfter }: WholeAnswer): unknown {
  if (status < 200 || status > 299) throw fromStatus(status, text, retryAfter);
  return parseAnswer(text);
}

function encodeQuery(query: KubeRequest['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function headerValue(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function accept(value: string | undefined): { accept?: string } {
  return value === undefined ? {} : { accept: value };
}

type Ending = Parameters<Exchange['end']>[0];

/** What a failed request says about the line. */
function endingOf(error: KubeError): Ending {
  if (!isNoAnswer(error)) return 'over';
  return error.reason === TIMEOUT || error.reason.endsWith('_TIMEOUT') ? 'silent' : 'broken';
}
