import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, request as callHttps, createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createDevelopmentCertificates } from '../../tools/certs/development.ts';
import { requestToken } from '../../tools/cluster/api-client.ts';
import type { Cluster } from '../../tools/cluster/cluster.ts';
import { writeKubeconfig } from '../../tools/cluster/kubeconfig.ts';
import { openLine, type Line } from './line.ts';

/** A request of the product's to the API server, on its way. */
export interface ProxiedRequest {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly isWatch: boolean;
  readonly body: string;
}

/** What becomes of a request. */
export type Verdict =
  /** The API server answers. */
  | 'forward'
  /** The API server acts; of its answer the first half comes through, well framed. */
  | 'truncate'
  /** Nobody answers; the connection stays open. */
  | 'hang'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string }
  /** The API server acts; its answer is held until this resolves. */
  | { readonly answerAfter: Promise<void> }
  /** The API server answers, and what it sends comes so much later. */
  | { readonly lagMs: number };

/** Stands between the product and the API server, and does what a test says. TLS on both sides. */
export interface ApiProxy {
  /** Decides about each request; forwards all until told otherwise. */
  decide(judge: (request: ProxiedRequest) => Verdict | Promise<Verdict>): void;
  readonly line: Line;
  /** Breaks every watch that is open, after half an event's line where `midLine`. */
  cutWatches(midLine?: boolean): void;
  openWatches(): number;
  /** Requests seen so far. */
  requests(): number;
  /** Goes on with a certificate of another CA, over new connections alone; nobody trusts it until `tell` has told. */
  replaceCa(): Promise<{ readonly tell: () => Promise<void> }>;
  /** Writes a kubeconfig for the ServiceAccount that leads here, and returns its path. The CA is in a file of its own. */
  kubeconfigFor(serviceAccount: string, namespace: string): Promise<string>;
  close(): Promise<void>;
}

export async function startApiProxy(cluster: Cluster): Promise<ApiProxy> {
  const hosts = ['127.0.0.1'];
  const certificates = await createDevelopmentCertificates({ hosts, days: 2 });
  const agent = new Agent({ keepAlive: true, ca: cluster.caPem });
  const target = new URL(cluster.server);
  const watches = new Set<{ readonly outgoing: ServerResponse; readonly response: IncomingMessage }>();
  let judge: (request: ProxiedRequest) => Verdict | Promise<Verdict> = () => 'forward';
  let requests = 0;
  let kubeconfigs = 0;

  const server = createServer({ cert: certificates.certPem, key: certificates.keyPem }, (incoming, outgoing) => {
    requests += 1;
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  server.keepAliveTimeout = 120_000;

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = incoming.url ?? '';
    const { pathname, searchParams } = new URL(url, target);
    const body = await buffer(incoming);
    const isWatch = searchParams.get('watch') === 'true';
    const seen = { method: incoming.method ?? '', url, path: pathname, isWatch, body: body.toString() };
    const verdict = await judge(seen);
    if (verdict === 'hang') return;
    if (typeof verdict === 'object' && 'status' in verdict) {
      outgoing.writeHead(verdict.status, { 'content-type': 'application/json', ...verdict.headers });
      outgoing.end(verdict.body);
      return;
    }
    const response = await forward(incoming, outgoing, body);
    if (typeof verdict === 'object' && 'answerAfter' in verdict) await verdict.answerAfter;
    const {
      'content-length': _length,
      'transfer-encoding': _encoding,
      connection: _connection,
      ...headers
    } = response.headers;
    outgoing.writeHead(response.statusCode ?? 502, headers);
    if (isWatch) {
      outgoing.flushHeaders();
      const watch = { outgoing, response };
      watches.add(watch);
      outgoing.on('close', () => watches.delete(watch));
    }
    if (verdict === 'truncate') {
      const whole = isWatch ? ((await once(response, 'data')) as [Buffer])[0] : await buffer(response);
      outgoing.end(whole.subarray(0, Math.floor(whole.length / 2)));
      response.destroy();
      return;
    }
    response.on('error', () => outgoing.destroy());
    if (typeof verdict === 'object' && 'lagMs' in verdict) {
      response.on('data', (chunk: Buffer) => setTimeout(() => outgoing.write(chunk), verdict.lagMs));
      response.on('end', () => setTimeout(() => outgoing.end(), verdict.lagMs));
    } else response.pipe(outgoing);
  }

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer): Promise<IncomingMessage> {
    const call = callHttps({
      agent,
      host: target.hostname,
      port: target.port,
      path: incoming.url,
      method: incoming.method,
      headers: { ...incoming.headers, host: target.host },
    });
    const cancel = new AbortController();
    outgoing.on('close', () => {
      cancel.abort();
      call.destroy();
    });
    call.on('error', () => undefined);
    call.end(body);
    const failed = once(call, 'error', { signal: cancel.signal }).then(([error]) => {
      throw error as Error;
    });
    const [response] = await Promise.race([once(call, 'response', { signal: cancel.signal }), failed]);
    failed.catch(() => undefined);
    return response as IncomingMessage;
  }

  await once(server.listen(0, '127.0.0.1'), 'listening');
  const line = await openLine((server.address() as AddressInfo).port);
  const caFile = join(cluster.folder, `proxied.${line.port}.ca.crt`);
  await writeFile(caFile, certificates.caPem);

  return {
    decide: (decision) => {
      judge = decision;
    },
    line,
    cutWatches: (midLine = false) => {
      for (const { outgoing, response } of watches) {
        response.unpipe(outgoing);
        if (midLine) outgoing.end('{"type":"MODIFIED","object":{"kind":"Secr');
        else outgoing.destroy();
      }
    },
    openWatches: () => watches.size,
    requests: () => requests,
    replaceCa: async () => {
      const { caPem, certPem, keyPem } = await createDevelopmentCertificates({ hosts, days: 2 });
      server.setSecureContext({ cert: certPem, key: keyPem });
      server.closeAllConnections();
      return { tell: () => writeFile(caFile, caPem) };
    },
    kubeconfigFor: async (serviceAccount, namespace) => {
      const token = await requestToken(cluster.admin, namespace, serviceAccount, 86_400);
      kubeconfigs += 1;
      const file = join(cluster.folder, `proxied.${line.port}.${kubeconfigs}.kubeconfig`);
      await writeKubeconfig(file, serviceAccount, {
        server: `https://127.0.0.1:${line.port}`,
        caPem: certificates.caPem,
        caFile,
        token,
      });
      return file;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await line.close();
      agent.destroy();
    },
  };
}
