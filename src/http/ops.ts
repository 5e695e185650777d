import Fastify, { type FastifyInstance } from 'fastify';
import { limitConnections } from './connections.ts';

export interface OpsServerOptions {
  /** Every condition of readiness by name; ready when all hold. */
  readonly readiness: () => Readonly<Record<string, boolean>>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * The kubelet opens a connection for each probe and Prometheus keeps one: a hundred are plenty. Whoever opens more and says
 * nothing loses the oldest first, after a second (an answer takes milliseconds), so that a probe always gets in. One takes some
 * 10 KiB (measured).
 */
const CONNECTION_LIMITS = { connections: 100, staleMs: 1000, mostConnections: 200 };

/** `/livez`, `/readyz` and `/metrics`, over plain HTTP on a port of their own: the kubelet and Prometheus ask, nobody else. */
export function createOpsServer(options: OpsServerOptions): FastifyInstance {
  const app = Fastify({ logger: false, exposeHeadRoutes: true, requestTimeout: 10_000 });
  limitConnections(app.server, CONNECTION_LIMITS, options.now);
  // The whole cluster reaches this port, and nothing here takes a body: read, 500 of them would be 500 MB.
  app.removeAllContentTypeParsers();
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
    const { contentType, text } = await options.metrics();
    return reply.header('content-type', contentType).send(text);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain').send('/livez, /readyz and /metrics are served here\n'),
  );
  return app;
}
