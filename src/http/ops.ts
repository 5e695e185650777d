import Fastify, { type FastifyInstance } from 'fastify';
import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { limitConnections } from './connections.ts';

export interface OpsServerOptions {
  /** Every condition of readiness by name; ready when all hold. */
  readonly readiness: () => Readonly<Record<string, boolean>>;
  readonly metrics: () => Promise<MetricsText>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Calls back after the events of this turn: `setImmediate`. */
  readonly afterTurn: (callback: () => void) => void;
}

interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

/**
 * One for each probe and each scrape: a hundred are plenty. Whoever opens more and says nothing loses the oldest first, after a
 * second (an answer takes milliseconds), so that a probe always gets in. One takes some 10 KiB (measured).
 */
const CONNECTION_LIMITS = { connections: 100, staleMs: 1000, mostConnections: 200 };

/**
 * `/livez`, `/readyz` and `/metrics`, over plain HTTP on a port of their own: the kubelet and Prometheus ask, nobody else. A
 * connection is answered once, and metrics are rendered once a turn of the event loop: 64 KiB of requests for them, sent at
 * once over one connection, would hold up every admission for 2 s and take 200 MB (measured).
 */
export function createOpsServer(options: OpsServerOptions): FastifyInstance {
  const answered = new WeakSet<Socket>();
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: true,
    serverFactory: (handle) =>
      createServer({ requestTimeout: 10_000 }, (request, response) => {
        if (!isFirst(request, answered)) return;
        response.setHeader('connection', 'close');
        handle(request, response);
      }),
  });
  limitConnections(app.server, CONNECTION_LIMITS, options.now);
  // The whole cluster reaches this port, and nothing here takes a body: read, 500 of them would be 500 MB.
  app.removeAllContentTypeParsers();
  const metrics = shareTurn(options.metrics, options.afterTurn);
  app.get('/livez', (_request, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', (_request, reply) => {
    const checks = Object.entries(options.readiness());
    const ready = checks.every(([, holds]) => holds);
    const text = checks.map(([name, holds]) => `${holds ? '[+]' : '[-]'} ${name}\n`).join('');
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain')
      .send(`${text}${ready ? 'ready' : 'not ready'}\n`);
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metrics();
    return reply.header('content-type', contentType).send(text);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain').send('/livez, /readyz and /metrics are served here\n'),
  );
  return app;
}

/** Else it ends the connection: what was sent behind the first request is not even looked at. */
function isFirst({ socket }: IncomingMessage, answered: WeakSet<Socket>): boolean {
  if (!answered.has(socket)) {
    answered.add(socket);
    return true;
  }
  socket.destroy();
  return false;
}

/** Whoever asks within one turn gets the same. */
function shareTurn<T>(make: () => T, afterTurn: OpsServerOptions['afterTurn']): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    if (made === undefined) {
      made = { value: make() };
      afterTurn(() => {
        made = undefined;
      });
    }
    return made.value;
  };
}
