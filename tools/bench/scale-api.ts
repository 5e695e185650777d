import { Pool } from 'undici';
import type { Access } from '../cluster/kubeconfig.ts';

/** Plain calls to the API server as the cluster's admin: what the product is measured against, and what sets the stage. */
export interface PlainApi {
  /** Sends one request; returns the decoded body of a 2xx answer, else rejects with the answer. */
  send(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, type?: string): Promise<unknown>;
  /** Server-side apply under the name of a field manager of its own. */
  apply(path: string, body: unknown): Promise<unknown>;
  /**
   * What is there and every change of it; resolves when the API server has accepted the watch. One that the API server
   * ends is begun anew, and tells what is there once more.
   */
  watch(path: string, accept: string, onEvent: (event: WatchEvent) => void): Promise<void>;
  close(): Promise<void>;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: {
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string;
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    };
  };
}

export const APPLY = 'application/apply-patch+yaml';
export const MERGE = 'application/merge-patch+json';

/** @param connections calls under way at once; more wait for one of them */
export function createPlainApi({ server, caPem, token }: Access, connections: number): PlainApi {
  const pool = new Pool(server, { connections, pipelining: 1, allowH2: false, connect: { ca: caPem } });
  const watching = new AbortController();
  const headers = { authorization: `Bearer ${token}` };

  const send: PlainApi['send'] = async (method, path, body, type = 'application/json') => {
    const { statusCode, body: answer } = await pool.request({
      method,
      path,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': type }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    if (statusCode < 200 || statusCode > 299) throw new Error(`${method} ${path}: ${statusCode} ${text.slice(0, 500)}`);
    return JSON.parse(text);
  };

  return {
    send,
    apply: (path, body) => send('PATCH', `${path}?fieldManager=plain&force=true`, body, APPLY),
    watch: async (path, accept, onEvent) => {
      const own = new Pool(server, { connections: 1, allowH2: false, connect: { ca: caPem } });
      async function open(): Promise<void> {
        const { statusCode, body } = await own.request({
          method: 'GET',
          path: `${path}${path.includes('?') ? '&' : '?'}watch=true`,
          headers: { ...headers, accept },
          bodyTimeout: 0,
          signal: watching.signal,
        });
        if (statusCode !== 200) throw new Error(`watch of ${path}: ${statusCode}`);
        let rest = '';
        body.setEncoding('utf8');
        body.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line !== '') onEvent(JSON.parse(line) as WatchEvent);
        });
        // The API server ends watches that do not keep up; a new one begins with all that is there.
        body
          .on('error', () => undefined)
          .on('close', () => {
            if (!watching.signal.aborted) void open();
          });
      }
      await open();
    },
    close: async () => {
      watching.abort();
      await pool.destroy();
    },
  };
}

/** Does the work for each, this many at once. */
export async function forEach<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = left.next(); next.done !== true; next = left.next()) await work(next.value);
    }),
  );
}
