import { KubeConfig } from '@kubernetes/client-node';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKubeClient, type KubeClient, type WatchEvent } from '../../src/kube/client.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import { systemClock } from '../../src/kube/system-clock.ts';
import { createDevelopmentCertificates } from '../../tools/certs/development.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The API server's side: what a test says answers, and every request is kept. */
interface Stage {
  readonly server: Server;
  readonly origin: string;
  readonly requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  readonly sockets: Set<Socket>;
  handler: Handler;
}

let stage: Stage;
let client: KubeClient;

beforeEach(async () => {
  stage = await openStage();
  client = await connect(stage.origin);
});
afterEach(async () => {
  await client.close();
  stage.server.closeAllConnections();
  stage.server.close();
});

async function openStage(): Promise<Stage> {
  const requests: Stage['requests'] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    void text(request).then((body) => {
      requests.push({ method, url, headers, body });
      if (url === '/version') response.end('{}');
      else stage.handler(request, response);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const origin = await listen(server);
  return { server, origin, requests, sockets, handler: (_, response) => response.end('{}') };
}

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function connect(server: string, caPem?: string): Promise<KubeClient> {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    {
      name: 'c',
      server,
      ...(caPem === undefined ? {} : { caData: Buffer.from(caPem).toString('base64') }),
      skipTLSVerify: caPem === undefined,
    },
    { name: 'u', token: 'token-1' },
  );
  return createKubeClient(config, { userAgent: 'test-agent' });
}

/** What a call is rejected with, as plain fields. */
async function rejection(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof KubeError)) return error;
  const { status, reason, message, retryAfterSeconds } = error;
  return { status, reason, message, retryAfterSeconds };
}

describe('a call', () => {
  it('sends method, path, query, body and who it is', async () => {
    stage.handler = (_, response) => response.end('{"answer":1}');
    const answer = await client.call({
      method: 'PATCH',
      path: '/api/v1/things/a',
      query: { fieldSelector: 'a=b,c', left: undefined, force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: { x: 'ä' },
    });
    expect(answer).toEqual({ answer: 1 });
    expect(stage.requests).toMatchObject([
      {
        method: 'PATCH',
        url: '/api/v1/things/a?fieldSelector=a%3Db%2Cc&force=true',
        body: '{"x":"ä"}',
        headers: {
          authorization: 'Bearer token-1',
          'user-agent': 'test-agent',
          accept: 'application/json',
          'content-type': 'application/apply-patch+yaml',
        },
      },
    ]);
  });

  it('tells how large its answer is, and is given up where that is more than it may be', async () => {
    stage.handler = (_, response) => response.end('{"answer":"ä"}');
    const sizes: number[] = [];
    const request = { method: 'GET', path: '/', onSize: (bytes: number) => sizes.push(bytes) } as const;
    await client.call({ ...request, mostBytes: 15 });
    expect(await rejection(client.call({ ...request, mostBytes: 14 }))).toEqual({
      status: 0,
      reason: 'TooLarge',
      message: 'the API server sent more than 14 bytes',
      retryAfterSeconds: undefined,
    });
    expect(sizes).toEqual([15]);
  });

  it('keeps the path that the API server has before its own', async () => {
    const prefixed = await connect(`${stage.origin}/clusters/one/`);
    await prefixed.call({ method: 'GET', path: '/api' });
    await prefixed.close();
    expect(stage.requests.map(({ url }) => url)).toEqual(['/clusters/one/api']);
  });

  it('goes over connections that are there', async () => {
    for (let i = 0; i < 20; i++) await client.call({ method: 'GET', path: '/api' });
    // The pool may open a second one before it has noticed that the first is free again.
    expect(stage.sockets.size).toBeLessThanOrEqual(2);
  });

  it('rejects with what the API server says', async () => {
    stage.handler = (_, response) =>
      response
        .writeHead(429, { 'retry-after': '7' })
        .end('{"kind":"Status","reason":"TooManyRequests","message":"too many"}');
    expect(await rejection(client.call({ method: 'GET', path: '/api' }))).toEqual({
      status: 429,
      reason: 'TooManyRequests',
      message: 'too many',
      retryAfterSeconds: 7,
    });
  });

  it.each([
    [
      'an error that is no Status object',
      502,
      '<html>',
      { status: 502, reason: 'HTTP502', message: 'the API server answered 502' },
    ],
    [
      'a 400, whose message may quote what was sent',
      400,
      '{"kind":"Status","reason":"BadRequest","message":"s3cret"}',
      { status: 400, reason: 'BadRequest', message: 'the API server answered 400' },
    ],
    [
      'JSON that ends in the middle',
      200,
      '{"data":"s3cret',
      { status: 0, reason: 'NotJson', message: 'the API server sent 15 characters that are not JSON' },
    ],
  ])('rejects at %s, without its content', async (_, status, body, expected) => {
    stage.handler = (__, response) => response.writeHead(status).end(body);
    expect(await rejection(client.call({ method: 'GET', path: '/api' }))).toEqual({
      ...expected,
      retryAfterSeconds: undefined,
    });
  });

  it('rejects when the connection breaks in the middle of the answer', async () => {
    stage.handler = (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{');
      setImmediate(() => request.socket.resetAndDestroy());
    };
    expect(await rejection(client.call({ method: 'GET', path: '/api' }))).toMatchObject({ status: 0 });
  });

  it('rejects when nobody listens', async () => {
    const server = createServer();
    const origin = await listen(server);
    server.close();
    await once(server, 'close');
    const lonely = await connect(origin);
    expect(await rejection(lonely.call({ method: 'GET', path: '/api' }))).toMatchObject({
      status: 0,
      reason: 'ECONNREFUSED',
    });
    await lonely.close();
  });

  it('has one time limit for all of it, an answer that drips included', async () => {
    stage.handler = (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    };
    expect(await rejection(client.call({ method: 'GET', path: '/api', timeoutMs: 200 }))).toEqual({
      status: 0,
      reason: 'Timeout',
      message: 'the API server gave no answer: nothing within 200 ms',
      retryAfterSeconds: undefined,
    });
  });

  it("rejects with the reason of the caller's own signal, before and during", async () => {
    stage.handler = () => undefined;
    const reason = new Error('no longer wanted');
    expect(await rejection(client.call({ method: 'GET', path: '/api', signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    const stop = new AbortController();
    const call = rejection(client.call({ method: 'GET', path: '/api', signal: stop.signal }));
    await expect.poll(() => stage.requests.length).toBe(1);
    stop.abort(reason);
    expect(await call).toBe(reason);
  });

  it('holds on to nothing of a signal that outlives it', async () => {
    const stop = new AbortController();
    let listeners = 0;
    const { signal } = stop;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
    for (let i = 0; i < 50; i++) await client.call({ method: 'GET', path: '/api', signal });
    expect(listeners).toBe(0);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBeLessThan(10);
  });

  it('that stays without an answer is sent again over a new connection, if the API server answers there', async () => {
    let requests = 0;
    const sockets = new Set<unknown>();
    stage.handler = (request, response) => {
      requests += 1;
      sockets.add(request.socket);
      if (requests > 1) response.end('{"answer":2}');
    };
    const startedAt = performance.now();
    // By default it would be slow after 6 s.
    const patient = { timeoutMs: 60_000, slowAfterMs: 300 };
    expect(await client.call({ method: 'GET', path: '/api', ...patient })).toEqual({ answer: 2 });
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(stage.requests.map(({ url }) => url)).toEqual(['/api', '/version', '/api']);
    expect(sockets.size).toBe(2);
  });
});

describe('a watch', () => {
  const watch = { path: '/api/v1/things', query: { resourceVersion: '5' }, headersTimeoutMs: 300, silenceMs: 1500 };

  function line(type: string, name: string): string {
    return `${JSON.stringify({ type, object: { name } })}\n`;
  }

  async function collect(signal = new AbortController().signal) {
    const events: unknown[] = [];
    let error: unknown;
    try {
      for await (const event of client.watch({ ...watch, signal }))
        events.push((event.object as { name: string }).name);
    } catch (thrown) {
      error = thrown;
    }
    return { events, error: error instanceof KubeError ? `${error.status} ${error.reason}` : error };
  }

  it('yields events as they come, split and joined in any way, and ends with the stream', async () => {
    stage.handler = (_, response) => {
      const all = Buffer.from(
        line('ADDED', 'a') + line('MODIFIED', 'bä') + line('BOOKMARK', 'c') + line('DELETED', 'd'),
      );
      let at = 0;
      const drip = setInterval(() => {
        response.write(all.subarray(at, (at += 7)));
        if (at < all.length) return;
        clearInterval(drip);
        response.end();
      }, 1);
    };
    expect(await collect()).toEqual({ events: ['a', 'bä', 'c', 'd'], error: undefined });
    expect(stage.requests.map(({ url }) => url)).toEqual(['/api/v1/things?resourceVersion=5&watch=true']);
  });

  it.each<[string, Handler, unknown]>([
    [
      'an ERROR event',
      (_, response) =>
        response.end(
          `${line('ADDED', 'a')}{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n`,
        ),
      { events: ['a'], error: '410 Expired' },
    ],
    [
      'an event that is none',
      (_, response) => response.end('{"type":"WHAT","object":{}}\n'),
      { events: [], error: '0 NotAWatchEvent' },
    ],
    ['a line that is not JSON', (_, response) => response.end('{"type":\n'), { events: [], error: '0 NotJson' }],
    [
      'an event cut in the middle',
      (_, response) => response.end(line('ADDED', 'a') + '{"ty'),
      { events: ['a'], error: undefined },
    ],
    [
      'an answer of another status',
      (_, response) => response.writeHead(500).end('oops'),
      { events: [], error: '500 HTTP500' },
    ],
    ['no headers in time', () => undefined, { events: [], error: '0 UND_ERR_HEADERS_TIMEOUT' }],
    [
      'silence',
      (_, response) => response.write(line('ADDED', 'a')),
      { events: ['a'], error: '0 UND_ERR_BODY_TIMEOUT' },
    ],
    [
      'a reset',
      (request, response) => {
        response.write(line('ADDED', 'a'));
        setTimeout(() => request.socket.resetAndDestroy(), 50);
      },
      { events: ['a'], error: '0 ECONNRESET' },
    ],
  ])('ends at %s', { timeout: 10_000 }, async (_, handler, expected) => {
    stage.handler = handler;
    expect(await collect()).toEqual(expected);
  });

  it('closes its connection when its reader leaves, and when its signal aborts', async () => {
    stage.handler = (_, response) => response.write(line('ADDED', 'a'));
    const first: WatchEvent[] = [];
    for await (const event of client.watch({ ...watch, signal: new AbortController().signal })) {
      first.push(event);
      break;
    }
    await expect.poll(() => stage.sockets.size).toBe(0);

    const stop = new AbortController();
    const reason = new Error('no longer wanted');
    const collected = collect(stop.signal);
    await expect.poll(() => stage.sockets.size).toBe(1);
    stop.abort(reason);
    expect((await collected).error).toBe(reason);
    await expect.poll(() => stage.sockets.size).toBe(0);
  });

  it('that is silent is cut when another request shows that the line was dead', async () => {
    let calls = 0;
    stage.handler = (request, response) => {
      if (request.url?.includes('watch=true') === true) response.write(line('ADDED', 'a'));
      else if (calls++ > 0) response.end('{}');
    };
    const stop = new AbortController();
    const following = (async () => {
      for await (const event of client.watch({ ...watch, silenceMs: 60_000, signal: stop.signal })) {
        expect(event.type).toBe('ADDED');
      }
    })();
    const ended = rejection(following);
    await expect.poll(() => stage.sockets.size).toBe(1);
    await client.call({ method: 'GET', path: '/api' });
    expect(await ended).toMatchObject({ status: 0, reason: 'LineSilent' });
  });
});

describe('the connection', () => {
  it('is verified by the CA of the kubeconfig', async () => {
    const { caPem, certPem, keyPem } = await createDevelopmentCertificates({ hosts: ['127.0.0.1'], days: 1 });
    const other = await createDevelopmentCertificates({ hosts: ['127.0.0.1'], days: 1 });
    const server = createTlsServer({ cert: certPem, key: keyPem }, (_, response) => response.end('{"tls":true}'));
    const origin = (await listen(server)).replace('http:', 'https:');
    const right = await connect(origin, caPem);
    const wrong = await connect(origin, other.caPem);
    expect(await right.call({ method: 'GET', path: '/' })).toEqual({ tls: true });
    expect(await rejection(wrong.call({ method: 'GET', path: '/' }))).toMatchObject({
      status: 0,
      reason: expect.stringMatching(/CERT|SIGNATURE|ISSUER/),
    });
    await right.close();
    await wrong.close();
    server.closeAllConnections();
    server.close();
  });

  it('that comes back is told', async () => {
    const server = createServer((_, response) => response.end('{}'));
    const origin = await listen(server);
    const { port } = new URL(origin);
    server.close();
    await once(server, 'close');
    const lonely = await connect(origin);
    const recovered = new Promise<void>((resolve) => lonely.onRecovery(resolve));
    expect(await rejection(lonely.call({ method: 'GET', path: '/' }))).toMatchObject({ status: 0 });
    await once(server.listen(Number(port), '127.0.0.1'), 'listening');
    await recovered;
    await lonely.close();
    server.closeAllConnections();
    server.close();
  });

  it('refuses a kubeconfig without a cluster', async () => {
    await expect(createKubeClient(new KubeConfig(), { userAgent: 'test' })).rejects.toMatchObject({
      reason: 'NoCluster',
    });
  });
});

describe('an API server whose CA is replaced', () => {
  async function openTls() {
    const hosts = ['127.0.0.1'];
    const [before, after] = [
      await createDevelopmentCertificates({ hosts, days: 1 }),
      await createDevelopmentCertificates({ hosts, days: 1 }),
    ];
    const server = createTlsServer({ key: before.keyPem, cert: before.certPem }, (_, response) => response.end('{}'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const folder = await mkdtemp(join(tmpdir(), 'pullkeeper-ca-'));
    const caFile = join(folder, 'ca.crt');
    await writeFile(caFile, before.caPem);
    const config = new KubeConfig();
    const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    config.loadFromClusterAndUser(
      { name: 'c', server: origin, caFile, skipTLSVerify: false },
      { name: 'u', token: 'token-1' },
    );
    let now = 0;
    const clock = { ...systemClock, now: () => now };
    const tlsClient = await createKubeClient(config, { userAgent: 'test-agent', clock });
    return {
      caFile,
      after,
      call: () => tlsClient.call({ method: 'GET', path: '/api' }),
      /** Further on than credentials are remembered for. */
      pass: () => void (now += 1000),
      /** The API server comes back with the new certificate: nobody's connection survives that. */
      restart: () => {
        server.setSecureContext({ key: after.keyPem, cert: after.certPem });
        server.closeAllConnections();
      },
      [Symbol.asyncDispose]: async () => {
        await tlsClient.close();
        server.closeAllConnections();
        server.close();
        await rm(folder, { recursive: true });
      },
    };
  }

  it('is trusted by the file as it is then', async () => {
    await using stage = await openTls();
    const { caFile, after } = stage;
    expect(await stage.call()).toEqual({});
    stage.restart();
    expect(await rejection(stage.call())).toMatchObject({ status: 0, reason: 'CERT_SIGNATURE_FAILURE' });
    await writeFile(caFile, after.caPem);
    stage.pass();
    expect(await stage.call()).toEqual({});
  });

  it.each(['', 'no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n'])(
    'is trusted as before while the file holds %j',
    async (content) => {
      await using stage = await openTls();
      expect(await stage.call()).toEqual({});
      await writeFile(stage.caFile, content);
      stage.pass();
      expect(await stage.call()).toEqual({});
      stage.restart();
      expect(await rejection(stage.call())).toMatchObject({ status: 0 });
    },
  );
});
