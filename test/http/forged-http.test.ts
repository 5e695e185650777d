import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refusal, type Refusal } from '../../src/http/refusal.ts';
import { review, startWebhook, wire, type PostOptions, type Webhook } from './webhook.ts';

// Whoever reaches the port can send these bytes. Each is answered or cut off, and the next review is answered as ever.
let webhook: Webhook;

beforeAll(async () => {
  webhook = await startWebhook();
});
afterAll(async () => webhook[Symbol.asyncDispose]());
afterEach(expectGoesOn);

async function expectGoesOn(): Promise<void> {
  expect(webhook.internalErrors).toEqual([]);
  expect(await webhook.post(BODY)).toMatchObject({ status: 200, body: { response: { uid: 'uid-1', allowed: true } } });
  webhook.refusals.length = 0;
}

const BODY = JSON.stringify(review());

/** Sends text over a new connection and returns what came back until the server ended it. */
async function talk(...texts: readonly (string | Uint8Array)[]): Promise<string> {
  using connection = await webhook.connect();
  for (const text of texts) connection.send(text);
  return await connection.ended;
}

describe('a request', () => {
  it.each<[string, string | Uint8Array, PostOptions, Refusal]>([
    ['of another method', BODY, { method: 'PUT' }, refusal.notFound()],
    ['that gets', '', { method: 'GET' }, refusal.notFound()],
    ['that deletes', '', { method: 'DELETE' }, refusal.notFound()],
    ['that asks for options', '', { method: 'OPTIONS' }, refusal.notFound()],
    ['to a path that is no path', BODY, { path: '//mutate' }, refusal.notFound()],
    ['to a path that cannot be decoded', BODY, { path: '/%' }, refusal.badRequest()],
    ['sent as gzip', gzipSync(BODY), { headers: { 'content-encoding': 'gzip' } }, refusal.encoded()],
    ['gzipped without saying so', gzipSync(BODY), {}, refusal.notUtf8()],
    [
      'of a content type that only begins so',
      BODY,
      { headers: { 'content-type': 'application/jsonx' } },
      refusal.notApplicationJson(),
    ],
    ['of no content type at all', BODY, { headers: { 'content-type': '' } }, refusal.notApplicationJson()],
    ['that is not UTF-8', Buffer.concat([Buffer.from(BODY), Buffer.from([0xff])]), {}, refusal.notUtf8()],
    ['that begins with a byte order mark', `\uFEFF${BODY}`, {}, refusal.notJson()],
    ['with something after the JSON', `${BODY}{}`, {}, refusal.notJson()],
  ])('%s is refused', async (_title, body, options, { status, code, sentence }) => {
    const answer = await webhook.post(body, options);
    expect(answer).toMatchObject({ status, body: { error: { code, message: sentence } } });
    expect(webhook.refusals).toEqual([`${status} ${code}`]);
  });

  it('by HEAD is refused without a body', async () => {
    const text = await talk('HEAD /mutate HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1.1 404 [^]*\r\n\r\n$/);
  });

  it.each([
    ['that is not HTTP', 'nonsense\r\n\r\n', '400'],
    ['of TLS in TLS', Buffer.from('160301020001000102', 'hex'), '400'],
    ['with a method that nobody knows', 'PULL /mutate HTTP/1.1\r\n\r\n', '400'],
    ['with two lengths', wire(BODY, ['content-length: 5']), '400'],
    ['with a length and chunks', wire(BODY, ['transfer-encoding: chunked']), '400'],
    ['with a length that is no number', 'POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-length: 1e3\r\n\r\n', '400'],
    ['with a negative length', 'POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n', '400'],
    [
      'with a length beyond all numbers',
      `POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-length: ${'9'.repeat(30)}\r\n\r\n`,
      '400',
    ],
    [
      'with a chunk that is no chunk',
      'POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      '400',
    ],
    ['with headers of 100 KiB', `POST /mutate HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(102_400)}\r\n\r\n`, '431'],
    ['without a host', 'POST /mutate HTTP/1.1\r\n\r\n', '400'],
    ['of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400'],
  ])('%s ends its connection', async (_title, bytes, status) => {
    expect(await talk(bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it('to tunnel somewhere ends its connection', async () => {
    expect(await talk('CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n')).toBe('');
  });

  it('longer than it says is answered, and what is left is no request', async () => {
    const text = await talk(wire(BODY), 'left over\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1.1 200 OK[^]*"allowed":true[^]*HTTP\/1.1 400 Bad Request/);
  });

  it('in chunks of a byte is answered', async () => {
    const chunks = BODY.split('')
      .map((byte) => `1\r\n${byte}\r\n`)
      .join('');
    const head =
      'POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n';
    expect(await talk(head, chunks, '0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 OK[^]*"allowed":true/);
  });

  it('that comes byte by byte is answered', async () => {
    using connection = await webhook.connect();
    for (const byte of wire(BODY)) connection.send(byte);
    expect(await connection.received('"allowed":true')).toContain('HTTP/1.1 200 OK');
  });

  it('that waits for leave to send its body gets it', async () => {
    using connection = await webhook.connect();
    const bytes = wire(BODY, ['expect: 100-continue']);
    const end = bytes.indexOf('\r\n\r\n') + 4;
    connection.send(bytes.slice(0, end));
    await connection.received('100 Continue');
    connection.send(bytes.slice(end));
    expect(await connection.received('"allowed":true')).toContain('HTTP/1.1 200 OK');
  });

  it('of HTTP/1.0 is answered, and its connection ends', async () => {
    expect(await talk(wire(BODY, [], 'POST /mutate HTTP/1.0'))).toMatch(/^HTTP\/1.1 200 OK[^]*"allowed":true/);
  });

  it('behind others on one connection is answered in its order', async () => {
    using connection = await webhook.connect();
    const uids = Array.from({ length: 50 }, (_, index) => `uid-${index}`);
    connection.send(uids.map((uid) => wire(JSON.stringify(review({ uid })))).join(''));
    const text = await connection.received('"allowed":true', 50);
    expect([...text.matchAll(/"uid":"(uid-\d+)"/g)].map(([, uid]) => uid)).toEqual(uids);
  });

  it('whose client goes away in the middle is forgotten', async () => {
    const connection = await webhook.connect();
    connection.send(wire(BODY).slice(0, -10));
    connection.socket.destroy();
    await connection.ended;
    await expect.poll(() => webhook.server.load().inFlight).toBe(0);
    expect(webhook.refusals).toEqual([]);
  });
});
