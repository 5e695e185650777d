import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import type { Access } from './kubeconfig.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

/** Longer than a healthy API server takes for the small calls that the tool makes. */
const CALL_TIMEOUT_MS = 5000;

/** One call to the API server, on a connection of its own. Rejects when no answer comes. */
export async function callApi(access: Access, path: string, post?: unknown): Promise<ApiAnswer> {
  const url = new URL(path, access.server);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const call = request(url, {
    method: post === undefined ? 'GET' : 'POST',
    ca: access.caPem,
    headers: { authorization: `Bearer ${access.token}`, 'content-type': 'application/json' },
    agent: false,
    ...(access.socketPath === undefined ? {} : { socketPath: access.socketPath }),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  call.on('response', resolve).on('error', reject);
  call.end(post === undefined ? undefined : JSON.stringify(post));
  const response = await promise;
  return { status: response.statusCode ?? 0, body: await text(response) };
}

/** Asks the API server for a token of a ServiceAccount (the TokenRequest API, which `kubectl create token` uses). */
export async function requestToken(
  admin: Access,
  namespace: string,
  serviceAccount: string,
  expirationSeconds: number,
): Promise<string> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(serviceAccount)}/token`;
  const { status, body } = await callApi(admin, path, { spec: { expirationSeconds } });
  if (status !== 201) throw new Error(`no token for ServiceAccount ${namespace}/${serviceAccount}: ${status} ${body}`);
  return (JSON.parse(body) as { status: { token: string } }).status.token;
}
