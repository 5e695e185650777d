import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCancel } from '../../src/kube/cancel.ts';
import { requestWhole, type AnswerOptions, type WholeAnswer } from '../../src/kube/whole-answer.ts';

let server: Server;
let agent: Agent;
let urls: string[];
let handler: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  urls = [];
  server = createServer((request, response) => {
    urls.push(request.url ?? '');
    handler(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  agent = new Agent({ connections: 1, pipelining: 1 });
});
afterEach(async () => {
  await agent.destroy();
  server.closeAllConnections();
  server.close();
});

function get(path: string, options: Partial<AnswerOptions> = {}): Promise<WholeAnswer> {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return requestWhole(agent, { origin, path, method: 'GET' }, { cancel: openCancel(), ...options });
}

describe('an answer', () => {
  it('is put together again where it was cut into pieces, in the middle of a character too', async () => {
    const bytes = Buffer.from('ä'.repeat(3));
    async function drip(response: ServerResponse): Promise<void> {
      response.writeHead(429, { 'retry-after': '7' });
      for (const byte of bytes) {
        await new Promise((resolve) => response.write(Buffer.of(byte), resolve));
        await new Promise(setImmediate);
      }
      response.end();
    }
    handler = (_, response) => void drip(response);
    expect(await get('/')).toEqual({ status: 429, retryAfter: '7', text: 'äää', bytes: 6 });
  });

  it('is not the one that only says to go on', async () => {
    handler = (_, response) => {
      response.writeProcessing();
      response.end('{}');
    };
    expect(await get('/')).toEqual({ status: 200, retryAfter: undefined, text: '{}', bytes: 2 });
  });

  it('is told of when it begins', async () => {
    const begun = Promise.withResolvers<void>();
    let end: (() => void) | undefined;
    handler = (_, response) => {
      response.write('{');
      end = () => response.end('}');
    };
    const answer = get('/', { onHeaders: begun.resolve });
    await begun.promise;
    end?.();
    expect((await answer).text).toBe('{}');
  });
});

describe('an answer that is larger than it may be', () => {
  it('is given up before its end, with its connection', async () => {
    const closed = Promise.withResolvers<void>();
    handler = (request, response) => {
      request.socket.on('close', closed.resolve);
      response.write('x'.repeat(11));
    };
    await expect(get('/', { mostBytes: 10 })).rejects.toMatchObject({
      reason: 'TooLarge',
      message: 'the API server sent more than 10 bytes',
    });
    await closed.promise;
    handler = (_, response) => response.end('x'.repeat(10));
    expect((await get('/', { mostBytes: 10 })).bytes).toBe(10);
  });
});

describe('a request that is no longer wanted', () => {
  const reason = new Error('no longer wanted');

  it('ends with the reason, and with its connection', async () => {
    const stop = openCancel();
    const closed = Promise.withResolvers<void>();
    handler = (request, response) => {
      request.socket.on('close', closed.resolve);
      response.write('{');
    };
    const answer = get('/', { cancel: stop, onHeaders: () => stop.abort(reason) });
    await expect(answer).rejects.toBe(reason);
    await closed.promise;
  });

  it('is not sent when it was aborted before', async () => {
    await expect(get('/', { cancel: openCancel(AbortSignal.abort(reason)) })).rejects.toBe(reason);
    expect(urls).toEqual([]);
  });

  it('ends at once where it waits for a connection, and is never sent', async () => {
    const arrived = Promise.withResolvers<ServerResponse>();
    handler = (_, response) => arrived.resolve(response);
    const first = get('/first');
    const response = await arrived.promise;
    const stop = openCancel();
    const second = get('/second', { cancel: stop });
    stop.abort(reason);
    await expect(second).rejects.toBe(reason);

    handler = (_, other) => other.end('{}');
    response.end('{}');
    await first;
    expect((await get('/third')).text).toBe('{}');
    expect(urls).toEqual(['/first', '/third']);
  });
});
