import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { enabledNamespace, review, startWebhook, wire, type Webhook } from './webhook.ts';

const BODY = JSON.stringify(review());
const LIMITS = { handshakeMs: 300, headersMs: 300, requestMs: 600, checkMs: 50 };

/** A TCP connection that speaks no TLS. */
async function connectPlainly({ port }: Webhook): Promise<{ readonly ended: Promise<unknown> } & Disposable> {
  const socket = connect(port, '127.0.0.1');
  const ended = once(socket, 'close');
  socket.resume().on('error', () => undefined);
  await once(socket, 'connect');
  return { ended, [Symbol.dispose]: () => socket.destroy() };
}

describe('a connection is cut that', () => {
  it('never begins its handshake', async () => {
    await using webhook = await startWebhook(LIMITS);
    using socket = await connectPlainly(webhook);
    await socket.ended;
    await expect.poll(() => webhook.server.load().connections).toBe(0);
  });

  it('never sends a request', async () => {
    await using webhook = await startWebhook(LIMITS);
    using connection = await webhook.connect();
    expect(await connection.ended).toMatch(/^HTTP\/1.1 408 /);
  });

  it('sends its headers slowly', async () => {
    await using webhook = await startWebhook(LIMITS);
    using connection = await webhook.connect();
    const drip = setInterval(() => connection.send('x'), 20);
    connection.send('POST /mutate HTTP/1.1\r\nx-slow: ');
    expect(await connection.ended).toMatch(/^HTTP\/1.1 408 [^]*"code":"too-slow"/);
    clearInterval(drip);
    expect(webhook.refusals).toEqual(['408 too-slow']);
  });

  it('sends its body slowly', async () => {
    await using webhook = await startWebhook(LIMITS);
    using connection = await webhook.connect();
    connection.send(
      'POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n',
    );
    const drip = setInterval(() => connection.send('"'), 20);
    expect(await connection.ended).toMatch(/^HTTP\/1.1 408 [^]*"code":"too-slow"/);
    clearInterval(drip);
  });
});

describe('when there are as many connections as may be', () => {
  it('the one that has waited longest for its client goes', async () => {
    await using webhook = await startWebhook({ connections: 3, staleMs: 0 });
    using silent = await connectPlainly(webhook);
    using first = await webhook.connect();
    using second = await webhook.connect();
    first.send(wire(BODY));
    await first.received('"allowed":true');
    // Everyone who comes now takes the place of the one that has said nothing for longest.
    using third = await webhook.connect();
    await silent.ended;
    using fourth = await webhook.connect();
    await second.ended;
    for (const { socket } of [first, third, fourth]) expect(socket.destroyed).toBe(false);
    expect(webhook.server.load().connections).toBe(3);
  });

  it('none goes that came only just now, until there are as many as there may ever be', async () => {
    await using webhook = await startWebhook({ connections: 1, staleMs: 60_000, mostConnections: 3 });
    using first = await webhook.connect();
    using second = await webhook.connect();
    using third = await webhook.connect();
    expect(webhook.server.load().connections).toBe(3);
    using fourth = await webhook.connect();
    await first.ended;
    for (const { socket } of [second, third, fourth]) expect(socket.destroyed).toBe(false);
  });

  it('none goes whose request is being worked on', async () => {
    await using webhook = await startWebhook({ connections: 2, staleMs: 60_000, mostConnections: 2 });
    const answer = Promise.withResolvers<ReturnType<typeof enabledNamespace>>();
    webhook.world.namespace = () => answer.promise;
    using first = await webhook.connect();
    first.send(wire(BODY));
    using second = await webhook.connect();
    second.send(wire(BODY));
    await expect.poll(() => webhook.server.load().inFlight).toBe(2);
    using third = await connectPlainly(webhook);
    await third.ended;
    answer.resolve(enabledNamespace());
    await Promise.all([first, second].map((each) => each.received('"allowed":true')));
    // They wait for their clients again, and one goes.
    using fourth = await webhook.connect();
    await Promise.race([first.ended, second.ended]);
    expect(fourth.socket.destroyed).toBe(false);
  });
});

it('a request that comes while the server closes is answered, and its connection ends', async () => {
  await using webhook = await startWebhook();
  const answer = Promise.withResolvers<ReturnType<typeof enabledNamespace>>();
  webhook.world.namespace = () => answer.promise;
  using connection = await webhook.connect();
  using second = await webhook.connect();
  // One request is there and waits, of another the headers have only begun.
  connection.send(wire(BODY));
  second.send(wire(BODY).slice(0, 20));
  await expect.poll(() => webhook.server.load()).toEqual({ connections: 2, inFlight: 1 });
  const closed = webhook.server.close(5000);
  second.send(wire(BODY).slice(20));
  await expect.poll(() => webhook.server.load().inFlight).toBe(2);
  answer.resolve(enabledNamespace());
  for (const { ended } of [connection, second]) expect(await ended).toMatch(/^HTTP\/1.1 200 OK[^]*"allowed":true/);
  await closed;
});
