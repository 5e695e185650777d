import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findContextFault, secureContextOptions } from '../../src/tls/secure-context.ts';
import { createDevelopmentCertificates, type DevelopmentCertificates } from '../../tools/certs/development.ts';

let first: DevelopmentCertificates;
let second: DevelopmentCertificates;
const server = createServer((_request, response) => response.end('ok'));

beforeEach(async () => {
  first = await createDevelopmentCertificates({ hosts: ['localhost'], days: 1 });
  second = await createDevelopmentCertificates({ hosts: ['localhost'], days: 1 });
  server.setSecureContext(secureContextOptions(first));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function open(options: ConnectionOptions): Promise<TLSSocket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', servername: 'localhost', port, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

async function get(socket: TLSSocket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString();
}

test('a swap changes what new connections see and leaves open ones alone', async () => {
  const before = await open({ ca: first.caPem });
  server.setSecureContext(secureContextOptions(second));
  expect(await get(before)).toContain('200 OK');
  const after = await open({ ca: second.caPem });
  expect(await get(after)).toContain('200 OK');
  expect(await get(before)).toContain('200 OK');
  await expect(open({ ca: first.caPem })).rejects.toThrow(/certificate/);
  before.destroy();
  after.destroy();
});

test('after a swap, too, TLS below 1.2 and suites without forward secrecy are refused', async () => {
  server.setSecureContext(secureContextOptions(second));
  const ca = second.caPem;
  await expect(open({ ca, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow(
    /alert/,
  );
  await expect(
    open({ ca, maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA' }),
  ).rejects.toThrow(/alert/);
  const socket = await open({ ca, maxVersion: 'TLSv1.2' });
  expect(socket.getCipher().name).toBe('ECDHE-ECDSA-AES128-GCM-SHA256');
  socket.destroy();
});

test('a context that does not load is known before it is used', () => {
  expect(findContextFault(first)).toBeUndefined();
  expect(findContextFault({ certPem: first.certPem, keyPem: second.keyPem })).toBe('key values mismatch');
  expect(findContextFault({ certPem: 'damaged', keyPem: second.keyPem })).toBe('no start line');
});
