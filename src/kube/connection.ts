import type { KubeConfig } from '@kubernetes/client-node';
import { X509Certificate } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import type { Clock } from '../core/clock.ts';
import { KubeError } from './kube-error.ts';

/** What a request needs to be let in. */
export interface Credentials {
  readonly headers: Record<string, string>;
  readonly tls: Record<string, unknown>;
}

/** KubeConfig rereads token files and reruns exec plugins when they are due; a CA's file it rereads each time. */
export async function readCredentials(config: KubeConfig): Promise<Credentials> {
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

/** What requests are let in by, as it was a moment ago. */
export interface RecentCredentials {
  get(): Promise<Credentials>;
  /** They let nothing in any more: reads them anew next time. */
  forget(): void;
}

/** Thousands of requests in a row need not read files each. Tokens are renewed minutes before they end. */
const REMEMBER_MS = 1000;

export function rememberCredentials(read: () => Promise<Credentials>, clock: Pick<Clock, 'now'>): RecentCredentials {
  let known: { readonly credentials: Promise<Credentials>; readonly until: number } | undefined;
  function forget(): void {
    known = undefined;
  }
  return {
    get: () => {
      const now = clock.now();
      if (known === undefined || now >= known.until) {
        known = { credentials: read(), until: now + REMEMBER_MS };
        known.credentials.catch(forget);
      }
      return known.credentials;
    },
    forget,
  };
}

/**
 * How long an idle connection is kept. API servers keep theirs for 90 s (their client's own figure), undici's is 4 s: then a
 * credential that is rotated once an hour would begin with two dozen TLS handshakes.
 */
const KEEP_IDLE_MS = 60_000;

/** A pool of HTTP/1.1 connections, through the kubeconfig's proxy if it names one. */
export function createDispatcher(proxyUrl: string | undefined, { tls }: Credentials): Dispatcher {
  // 30 s is client-go's TCP keep-alive; load balancers in front of API servers drop idle flows after 60 s and more.
  const connect = { ...tls, keepAlive: true, keepAliveInitialDelay: 30_000, timeout: 5000 };
  if (proxyUrl === undefined)
    return new Agent({ connect, allowH2: false, pipelining: 1, keepAliveTimeout: KEEP_IDLE_MS });
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

/** The pool that requests go over, and those before it whose last requests are still under way. */
export interface Pools {
  current(): Dispatcher;
  /**
   * New connections are made with these. An API server's CA is replaced while its clients run, as is a client certificate;
   * one that cannot be used, as a file that is half written, changes nothing.
   */
  follow(credentials: Credentials): void;
  /** Another pool with the same CA and client certificate, for the caller to destroy. */
  separate(): Dispatcher;
  /** Requests go over a new pool from now on; those that are under way go on where they are. */
  renew(): void;
  destroy(): Promise<void>;
}

export function createPools(create: (credentials: Credentials) => Dispatcher, first: Credentials): Pools {
  let used = first;
  let current = create(used);
  const all = new Set([current]);

  async function closeGently(pool: Dispatcher): Promise<void> {
    // Rejects when the pool is destroyed meanwhile.
    await pool.close().catch(() => undefined);
    all.delete(pool);
  }

  function renew(): void {
    const previous = current;
    current = create(used);
    all.add(current);
    void closeGently(previous);
  }

  return {
    current: () => current,
    follow: (credentials) => {
      if (credentials === used) return;
      const isSame = isDeepStrictEqual(credentials.tls, used.tls);
      if (!isSame && !canConnect(credentials)) return;
      used = credentials;
      if (!isSame) renew();
    },
    separate: () => create(used),
    renew,
    destroy: async () => {
      await Promise.all([...all].map((pool) => pool.destroy()));
    },
  };
}

function canConnect({ tls }: Credentials): boolean {
  try {
    createSecureContext(tls);
    // Of what is not a certificate, a context says nothing: it trusts nobody, or, of nothing at all, every public CA.
    return tls['ca'] === undefined || new X509Certificate(tls['ca'] as Buffer).raw.length > 0;
  } catch {
    return false;
  }
}
