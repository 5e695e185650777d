import { once } from 'node:events';
import { connect as connectPlainly, type AddressInfo } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { Agent, request } from 'undici';
import type { NamespaceState, SecretState } from '../../src/http/mutate.ts';
import { SERVER_LIMITS, type ServerLimits } from '../../src/http/limits.ts';
import { createWebhookServer, type OutcomeReport, type WebhookServer } from '../../src/http/server.ts';
import { secureContextOptions } from '../../src/tls/secure-context.ts';
import { createDevelopmentCertificates } from '../../tools/certs/development.ts';

/** The product's HTTPS server on a free port, told about a cluster by the test, and what it reported. */
export interface Webhook extends AsyncDisposable {
  readonly server: WebhookServer;
  readonly port: number;
  /** What the server is told; each test sets what it needs. */
  readonly world: World;
  readonly outcomes: readonly OutcomeReport[];
  readonly internalErrors: readonly unknown[];
  /** `STATUS CODE` of each refused request. */
  readonly refusals: string[];
  /** Posts over a kept-alive connection, as the API server does. */
  post(body: string | Uint8Array, options?: PostOptions): Promise<Answer>;
  /** A TLS connection that has said nothing yet, from this address of the machine. Default: 127.0.0.1. */
  connect(from?: string): Promise<RawConnection>;
}

export interface World {
  namespace: (name: string) => NamespaceState | Promise<NamespaceState>;
  now: () => number;
  draining: boolean;
}

export interface PostOptions {
  readonly path?: string;
  readonly method?: 'POST' | 'PUT' | 'GET' | 'DELETE' | 'PATCH' | 'OPTIONS';
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export interface RawConnection extends Disposable {
  readonly socket: TLSSocket;
  readonly send: (text: string | Uint8Array) => void;
  /** Resolves with all that was received when the server ended the connection. */
  readonly ended: Promise<string>;
  /** Resolves when what was received so far contains the text `times` times. */
  readonly received: (text: string, times?: number) => Promise<string>;
}

const certificates = createDevelopmentCertificates({ hosts: ['127.0.0.1'], days: 1 });

export async function startWebhook(limits: Partial<ServerLimits> = {}): Promise<Webhook> {
  const { caPem, ...pair } = await certificates;
  const world: World = { namespace: () => enabledNamespace(), now: () => performance.now(), draining: false };
  const outcomes: OutcomeReport[] = [];
  const internalErrors: unknown[] = [];
  const refusals: string[] = [];
  const server = createWebhookServer({
    tls: secureContextOptions(pair),
    admission: {
      secretName: 'pullkeeper',
      namespaceState: async (name) => world.namespace(name),
      isStrictAccount: () => false,
    },
    hasSynced: () => true,
    onOutcome: (report) => outcomes.push(report),
    judgeSource: () => ({ name: 's', scope: { kind: 'none' }, entries: [], refusals: [], warnings: [] }),
    onValidated: () => undefined,
    onInternalError: (error) => internalErrors.push(error),
    onRefused: (status, code) => refusals.push(`${status} ${code}`),
    isDraining: () => world.draining,
    now: () => world.now(),
    limits: { ...SERVER_LIMITS, ...limits },
  });
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.app.server.address() as AddressInfo;
  const agent = new Agent({ connect: { ca: caPem }, allowH2: false });
  return {
    server,
    port,
    world,
    outcomes,
    internalErrors,
    refusals,
    post: async (body, { path = '/mutate', method = 'POST', headers = {} } = {}) => {
      const answer = await request(`https://127.0.0.1:${port}${path}`, {
        method,
        dispatcher: agent,
        headers: { 'content-type': 'application/json', ...headers },
        body: method === 'GET' ? null : body,
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
    },
    connect: async (from = '127.0.0.1') => {
      const line = connectPlainly({ host: '127.0.0.1', port, localAddress: from });
      const socket = connect({ socket: line, host: '127.0.0.1', ca: caPem });
      const connection = readAll(socket);
      await once(socket, 'secureConnect');
      return connection;
    },
    [Symbol.asyncDispose]: async () => {
      await agent.destroy();
      await server.close(0);
    },
  };
}

function readAll(socket: TLSSocket): RawConnection {
  let text = '';
  const ended = Promise.withResolvers<string>();
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  socket.on('close', () => ended.resolve(text));
  return {
    socket,
    send: (data) => void socket.write(data),
    ended: ended.promise,
    received: async (part, times = 1) => {
      while (text.split(part).length <= times) {
        if (socket.destroyed) throw new Error(`the connection ended after ${JSON.stringify(text)}`);
        await Promise.race([once(socket, 'data'), ended.promise]);
      }
      return text;
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** Knows a credential for `registry.example/app`. */
export function enabledNamespace(secret: SecretState = { kind: 'present' }): NamespaceState {
  return {
    kind: 'enabled',
    always: false,
    find: (name) => (name.startsWith('registry.example/app') ? [{ source: 'harbor' }] : []),
    ensureSecret: async () => secret,
  };
}

export const POD = { metadata: { generateName: 'web-' }, spec: { containers: [{ image: 'registry.example/app:v1' }] } };

/** An AdmissionReview of a Pod's creation; `changes` go into its request. */
export function review(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'uid-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      operation: 'CREATE',
      namespace: 'tom',
      object: POD,
      ...changes,
    },
  };
}

/** One request's bytes on the wire. */
export function wire(body: string, headers: readonly string[] = [], start = 'POST /mutate HTTP/1.1'): string {
  const lines = [start, 'host: x', 'content-type: application/json', `content-length: ${Buffer.byteLength(body)}`];
  return `${[...lines, ...headers].join('\r\n')}\r\n\r\n${body}`;
}
