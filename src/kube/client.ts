import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import type { RequestOptions } from 'node:https';
import { fromStatus, fromWatchError, KubeError, noAnswer } from './kube-error.ts';

/** What is sent to the API server. `query` values are encoded here; `path` is encoded by the caller (see paths.ts). */
export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** Whole call, connection included. Default 10 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: unknown;
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
  /** Ends every connection; calls under way reject. */
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** Builds a client from a kubeconfig's current context (its CA, client certificate, token, exec plugin, proxy). */
export async function createKubeClient(config: KubeConfig, options: { userAgent: string }): Promise<KubeClient> {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new KubeError(0, 'NoCluster', 'the kubeconfig has no current context with a cluster');
  const base = new URL(cluster.server);
  const basePath = base.pathname.replace(/\/$/, '');
  const dispatcher = createDispatcher(cluster.proxyUrl, await credentials(config));

  async function send(
    request: KubeRequest,
    timeouts: { headersTimeout: number; bodyTimeout: number },
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { headers } = await credentials(config);
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    return dispatcher.request({
      origin: base.origin,
      path: `${basePath}${request.path}${encodeQuery(request.query)}`,
      method: request.method,
      headers: {
        ...headers,
        accept: request.accept ?? 'application/json',
        'user-agent': options.userAgent,
        ...(body === null ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      body,
      signal,
      ...timeouts,
    });
  }

  async function call(request: KubeRequest): Promise<unknown> {
    const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline]);
    let status: number;
    let text: string;
    let retryAfter: string | undefined;
    try {
      const response = await send(request, { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }, signal);
      status = response.statusCode;
      retryAfter = headerValue(response.headers['retry-after']);
      text = await response.body.text();
    } catch (error) {
      request.signal?.throwIfAborted();
      throw deadline.aborted ? noAnswer('Timeout', new Error(`nothing within ${timeoutMs} ms`)) : asNoAnswer(error);
    }
    if (status < 200 || status > 299) throw fromStatus(status, text, retryAfter);
    return parseAnswer(text);
  }

  async function* watch(request: WatchRequest): AsyncGenerator<WatchEvent, void, void> {
    const stop = new AbortController();
    const signal = AbortSignal.any([request.signal, stop.signal]);
    try {
      const response = await send(
        { method: 'GET', path: request.path, query: { ...request.query, watch: 'true' }, ...accept(request.accept) },
        { headersTimeout: request.headersTimeoutMs, bodyTimeout: request.silenceMs },
        signal,
      );
      if (response.statusCode !== 200) {
        const retryAfter = headerValue(response.headers['retry-after']);
        throw fromStatus(response.statusCode, await response.body.text(), retryAfter);
      }
      for await (const line of splitLines(response.body)) yield decodeWatchLine(line);
    } catch (error) {
      request.signal.throwIfAborted();
      throw error instanceof KubeError ? error : asNoAnswer(error);
    } finally {
      stop.abort();
    }
  }

  return { call, watch, close: () => dispatcher.destroy() };
}

interface Credentials {
  readonly headers: Record<string, string>;
  readonly tls: Record<string, unknown>;
}

/** Asked anew for every request: KubeConfig rereads token files and reruns exec plugins when they are due. */
async function credentials(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value);
  if (typeof options.auth === 'string') {
    headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  const tls: Record<string, unknown> = {};
  for (const name of ['ca', 'cert', 'key', 'pfx', 'passphrase', 'rejectUnauthorized', 'servername'] as const) {
    const value: unknown = options[name];
    if (value !== undefined) tls[name] = value;
  }
  return { headers, tls };
}

function createDispatcher(proxyUrl: string | undefined, { tls }: Credentials): Dispatcher {
  // 30 s is client-go's TCP keep-alive; load balancers in front of API servers drop idle flows after 60 s and more.
  const connect = { ...tls, keepAlive: true, keepAliveInitialDelay: 30_000, timeout: 5000 };
  if (proxyUrl === undefined) return new Agent({ connect, allowH2: false, pipelining: 1 });
  if (!/^https?:/.test(proxyUrl)) {
    throw new KubeError(0, 'UnsupportedProxy', 'the kubeconfig names a proxy that is not http or https');
  }
  return new ProxyAgent({
    uri: proxyUrl,
    requestTls: tls,
    connect: { keepAlive: true, timeout: 5000 },
    allowH2: false,
  });
}

async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  // The parts of a line that is not complete yet: joined once, so a large object costs no quadratic copying.
  let parts: string[] = [];
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      parts.push(text.slice(start, end));
      const line = parts.join('');
      parts = [];
      start = end + 1;
      if (line !== '') yield line;
    }
    if (start < text.length) parts.push(text.slice(start));
  }
  // What is left without a line end is an event cut in the middle; the resume from the last resourceVersion brings it again.
}

function decodeWatchLine(line: string): WatchEvent {
  const event = parseAnswer(line);
  if (typeof event === 'object' && event !== null && 'type' in event && 'object' in event) {
    const { type, object } = event;
    if (type === 'ERROR') throw fromWatchError(object);
    if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK') return { type, object };
  }
  throw new KubeError(0, 'NotAWatchEvent', 'the API server sent a line that is not a watch event');
}

/** The parser's own message quotes what it read, which may be a Secret: it is not passed on. */
function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubeError(0, 'NotJson', `the API server sent ${text.length} characters that are not JSON`);
  }
}

function encodeQuery(query: KubeRequest['query']): string {
  const pairs = Object.entries(query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

function headerValue(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function accept(value: string | undefined): { accept?: string } {
  return value === undefined ? {} : { accept: value };
}

function asNoAnswer(error: unknown): KubeError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'NoAnswer';
  return noAnswer(code, error);
}
