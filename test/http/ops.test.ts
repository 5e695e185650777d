import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createOpsServer } from '../../src/http/ops.ts';

async function startOps(afterTurn: (callback: () => void) => void = setImmediate) {
  let renderings = 0;
  const app = createOpsServer({
    readiness: () => ({ synced: true }),
    metrics: async () => ({ contentType: 'text/plain', text: `metric ${++renderings}\n` }),
    now: () => performance.now(),
    afterTurn,
  });
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    origin,
    renderings: () => renderings,
    countConnections: () => promisify(app.server.getConnections.bind(app.server))(),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

describe('the port for operations', () => {
  it('answers what it is for', async () => {
    await using ops = await startOps();
    const statuses = ['/livez', '/readyz', '/metrics', '/'].map(
      async (path) => (await fetch(ops.origin + path)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 404]);
  });

  it.each(['application/json', 'text/plain'])('waits for no body of type %s, and keeps none', async (type) => {
    await using ops = await startOps();
    const socket = connect(Number(new URL(ops.origin).port), '127.0.0.1');
    const headers = ['POST /livez HTTP/1.1', 'host: x', `content-type: ${type}`, 'content-length: 1000000'];
    socket.write(`${headers.join('\r\n')}\r\n\r\n[`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 404 /);
    socket.destroy();
  });

  it('holds few connections that say nothing, and lets a probe in', async () => {
    await using ops = await startOps();
    const sockets = Array.from({ length: 400 }, () => connect(Number(new URL(ops.origin).port), '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => undefined);
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    expect((await fetch(`${ops.origin}/livez`)).status).toBe(200);
    expect(await ops.countConnections()).toBeLessThanOrEqual(200);
    for (const socket of sockets) socket.destroy();
  });

  it.each(['HTTP/1.1', 'HTTP/1.0'])('answers each connection once, by %s', async (version) => {
    await using ops = await startOps((callback) => callback());
    const socket = connect(Number(new URL(ops.origin).port), '127.0.0.1');
    socket.write(`GET /metrics ${version}\r\nhost: x\r\nconnection: keep-alive\r\n\r\n`.repeat(100));
    socket.resume().on('error', () => undefined);
    await once(socket, 'close');
    expect(ops.renderings()).toBe(1);
    const { headers } = await fetch(`${ops.origin}/metrics`);
    expect(headers.get('connection')).toBe('close');
  });

  it('renders the metrics once a turn, whoever asks', async () => {
    const turns: (() => void)[] = [];
    await using ops = await startOps((callback) => turns.push(callback));
    const ask = async () => (await fetch(`${ops.origin}/metrics`)).text();
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['metric 1\n', 'metric 1\n', 'metric 1\n']);
    turns.pop()?.();
    expect(await ask()).toBe('metric 2\n');
  });
});
