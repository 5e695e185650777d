import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createOverloadGuard } from '../../src/http/overload.ts';
import { enabledNamespace, review, startWebhook, wire } from './webhook.ts';

const BODY = JSON.stringify(review());
const LONGEST = 7 * 1024 * 1024;

describe('the guard', () => {
  function guardAt(turnMs: number, inFlight: number) {
    const time = { now: 0 };
    const turns: (() => void)[] = [];
    const guard = createOverloadGuard({
      limits: { turnMs, inFlight },
      now: () => time.now,
      afterTurn: (callback) => turns.push(callback),
    });
    return {
      guard,
      askAt: (now: number) => {
        time.now = now;
        return guard.isTurnFull();
      },
      endTurn: () => {
        expect(turns).toHaveLength(1);
        turns.pop()?.();
      },
    };
  }

  it('refuses those at the end of a turn that has gone on for too long, and none of the next', () => {
    const { askAt, endTurn } = guardAt(125, 1);
    expect([1000, 1060, 1125, 1126, 1300].map(askAt)).toEqual([false, false, false, true, true]);
    endTurn();
    expect([1301, 1426, 1427].map(askAt)).toEqual([false, false, true]);
  });

  it('counts a pause before a turn for nothing', () => {
    const { askAt, endTurn } = guardAt(125, 1);
    askAt(0);
    endTurn();
    expect(askAt(5000)).toBe(false);
  });

  it('takes no more on than it may, and again when one has left', () => {
    const { guard } = guardAt(125, 2);
    expect([guard.enter(), guard.enter(), guard.enter()]).toEqual([true, true, false]);
    expect(guard.inFlight()).toBe(2);
    guard.leave();
    expect(guard.enter()).toBe(true);
  });
});

describe('the server', () => {
  it('asks those to come back that it cannot answer in time, answers the others, and recovers', async () => {
    await using webhook = await startWebhook({ turnMs: 125 });
    let now = 0;
    // Each look at the clock costs 50 ms: the first of a turn is served, and so on until the turn is full.
    webhook.world.now = () => (now += 50);
    using connection = await webhook.connect();
    connection.send(wire(BODY).repeat(6));
    const text = await connection.received('HTTP/1.1 ', 6);
    expect(text).toMatch(/^HTTP\/1.1 200 OK/);
    expect(text).toContain('HTTP/1.1 503 Service Unavailable');
    expect(text).toMatch(/\r\nretry-after: 1\r\n/i);
    expect(text).toContain(
      '{"error":{"code":"overloaded","message":"more requests came than can be answered in time; try again in a second"}}',
    );
    expect(new Set(webhook.refusals)).toEqual(new Set(['503 overloaded']));
    expect(webhook.outcomes.length + webhook.refusals.length).toBe(6);
    expect(await webhook.post(BODY)).toMatchObject({ status: 200 });
  });

  it('takes no more on than it may while the API server keeps it waiting', async () => {
    await using webhook = await startWebhook({ inFlight: 3 });
    const answer = Promise.withResolvers<ReturnType<typeof enabledNamespace>>();
    webhook.world.namespace = () => answer.promise;
    const waiting = [1, 2, 3].map(() => webhook.post(BODY));
    await expect.poll(() => webhook.server.load().inFlight).toBe(3);
    expect(await webhook.post(BODY)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { error: { code: 'overloaded' } },
    });
    answer.resolve(enabledNamespace());
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await webhook.post(BODY)).toMatchObject({ status: 200 });
    expect(webhook.server.load()).toMatchObject({ inFlight: 0 });
  });

  it('holds a few large bodies at once, and small ones beside them', async () => {
    await using webhook = await startWebhook({ largeBytesFromOne: 250_000, largeBodyMs: 60_000 });
    const large = JSON.stringify(review({ filler: 'x'.repeat(100_000) }));
    const [first, second] = [await webhook.connect(), await webhook.connect()];
    for (const { send } of [first, second]) send(wire(large).slice(0, -1));
    await expect.poll(async () => (await webhook.post(large)).status).toBe(503);
    expect(webhook.refusals.at(-1)).toBe('503 overloaded');
    expect(await webhook.post(BODY)).toMatchObject({ status: 200 });
    // Its memory is free again when its request is answered, and when its client goes away.
    first.send('}');
    await first.received('"allowed":true');
    expect(await webhook.post(large)).toMatchObject({ status: 200 });
    first.send(wire(large).slice(0, -1));
    await expect.poll(async () => (await webhook.post(large)).status).toBe(503);
    second.socket.destroy();
    await once(second.socket, 'close');
    await expect.poll(async () => (await webhook.post(large)).status).toBe(200);
    first.socket.destroy();
  });

  it.each([
    ['declared as 7 MiB and hardly begun', 100_000],
    ['of 7 MiB and nearly there', LONGEST - 1],
  ])('is not kept from other large bodies by slow ones, %s', async (_what, sent) => {
    await using webhook = await startWebhook({ largeBodyMs: 100 });
    const slow = await Promise.all(Array.from({ length: 8 }, () => webhook.connect()));
    for (const { send } of slow) send(wire('['.repeat(LONGEST)).slice(0, sent - LONGEST));
    const large = JSON.stringify(review({ filler: 'x'.repeat(5_000_000) }));
    // As the API server does: again, a second after it was refused.
    await expect.poll(async () => (await webhook.post(large)).status, { interval: 100, timeout: 5000 }).toBe(200);
    for (const { socket } of slow) socket.destroy();
  });

  it('answers one that gives way to others with 503, for its client to try again', async () => {
    await using webhook = await startWebhook({ largeBytesFromOne: 150_000, largeBodyMs: 0 });
    const large = JSON.stringify(review({ filler: 'x'.repeat(100_000) }));
    using slow = await webhook.connect();
    slow.send(wire(large).slice(0, -1));
    await expect.poll(async () => (await webhook.post(large)).status).toBe(200);
    expect(await slow.received('"code":"overloaded"')).toMatch(/^HTTP\/1.1 503 [^]*\r\nretry-after: 1\r\n/i);
  });

  it('leaves large bodies from elsewhere their half, whatever comes from one address', async () => {
    await using webhook = await startWebhook({ largeBodyMs: 60_000 });
    const slow = await Promise.all(Array.from({ length: 8 }, () => webhook.connect('127.0.0.2')));
    for (const { send } of slow) send(wire('['.repeat(LONGEST)).slice(0, -1));
    await expect.poll(() => webhook.refusals.length).toBeGreaterThanOrEqual(6);
    const large = JSON.stringify(review({ filler: 'x'.repeat(5_000_000) }));
    expect(await webhook.post(large)).toMatchObject({ status: 200 });
    for (const { socket } of slow) socket.destroy();
  });

  it('answers reviews of Pods between those of sources, of which few may wait', async () => {
    await using webhook = await startWebhook({ sourcesFromOne: 10 });
    using connection = await webhook.connect();
    const sources = wire(JSON.stringify(review({ uid: 'source' })), [], 'POST /validate HTTP/1.1').repeat(30);
    connection.send(`${sources}${wire(BODY)}`);
    const text = await connection.received('"uid":"uid-1"');
    const answers = [...text.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status);
    expect(answers).toEqual([...Array<string>(10).fill('200'), ...Array<string>(20).fill('503'), '200']);
  });

  it('answers small reviews between large ones that come at once', async () => {
    await using webhook = await startWebhook();
    const large = JSON.stringify(review({ uid: 'large', filler: 'x'.repeat(100_000) }));
    const connections = await Promise.all(Array.from({ length: 10 }, () => webhook.connect()));
    using small = await webhook.connect();
    // All but their last bytes are there already: these come together, and the small one behind them.
    for (const { send } of connections) send(wire(large).slice(0, -1));
    await webhook.post(BODY);
    for (const { send } of connections) send('}');
    small.send(wire(BODY));
    await Promise.all(connections.map(({ received }) => received('"allowed":true')));
    const uids = webhook.outcomes.map(({ uid }) => uid);
    expect(uids).toHaveLength(12);
    expect(uids.lastIndexOf('uid-1')).toBeLessThan(11);
    for (const { socket } of connections) socket.destroy();
  });
});
