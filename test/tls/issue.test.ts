import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority, issueLeaf, listServiceNames, type IssuedPair } from '../../src/tls/issue.ts';
import { secureContextOptions } from '../../src/tls/secure-context.ts';

const DAY = 86_400_000;
const NAMES = listServiceNames('pullkeeper', 'pullkeeper-system');
const NOW = Date.now();

let ca: IssuedPair;
let leaf: IssuedPair;
let dir: string;

beforeAll(async () => {
  ca = await createAuthority({ now: NOW, lifeMs: 365 * DAY });
  leaf = await issueLeaf(ca, [...NAMES, '127.0.0.1', '::1'], { now: NOW, lifeMs: 30 * DAY });
  dir = await mkdtemp(join(tmpdir(), 'pullkeeper-issue-'));
  await writeFile(join(dir, 'ca.crt'), ca.certPem);
  await writeFile(join(dir, 'leaf.crt'), leaf.certPem);
});

afterAll(() => rm(dir, { recursive: true }));

function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

test('the names of a Service', () => {
  expect(NAMES).toEqual([
    'pullkeeper.pullkeeper-system.svc',
    'pullkeeper.pullkeeper-system.svc.cluster.local',
    'pullkeeper.pullkeeper-system',
  ]);
});

describe('openssl verify -x509_strict', () => {
  test('accepts the leaf for a server of each name', () => {
    for (const name of NAMES) {
      const args = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname', name, '-CAfile', 'ca.crt', 'leaf.crt'];
      expect(openssl('verify', ...args)).toBe('leaf.crt: OK\n');
    }
    expect(openssl('verify', '-x509_strict', '-verify_ip', '::1', '-CAfile', 'ca.crt', 'leaf.crt')).toBe(
      'leaf.crt: OK\n',
    );
  });

  test('accepts the CA', () => {
    expect(openssl('verify', '-x509_strict', '-check_ss_sig', '-CAfile', 'ca.crt', 'ca.crt')).toBe('ca.crt: OK\n');
  });

  test('accepts each of two leaves by a bundle of two CAs, and neither by the other CA', async () => {
    const other = await createAuthority({ now: NOW, lifeMs: 365 * DAY });
    const otherLeaf = await issueLeaf(other, NAMES, { now: NOW, lifeMs: 30 * DAY });
    await writeFile(join(dir, 'other-ca.crt'), other.certPem);
    await writeFile(join(dir, 'other-leaf.crt'), otherLeaf.certPem);
    await writeFile(join(dir, 'both.crt'), ca.certPem + other.certPem);
    for (const file of ['leaf.crt', 'other-leaf.crt']) {
      expect(openssl('verify', '-x509_strict', '-CAfile', 'both.crt', file)).toBe(`${file}: OK\n`);
    }
    expect(() => openssl('verify', '-x509_strict', '-CAfile', 'other-ca.crt', 'leaf.crt')).toThrow(
      'unable to get local issuer certificate',
    );
  });

  test('refuses another name', () => {
    const args = ['-x509_strict', '-verify_hostname', 'pullkeeper.other.svc', '-CAfile', 'ca.crt', 'leaf.crt'];
    expect(() => openssl('verify', ...args)).toThrow(/hostname mismatch/i);
  });
});

describe('what is in them', () => {
  test('the CA: signs leaves only, P-256, SHA-256, key identifiers', () => {
    const text = openssl('x509', '-in', 'ca.crt', '-noout', '-text');
    const id = /Subject Key Identifier: *\n *([0-9A-F:]+)/.exec(text)?.[1];
    expect(id).toMatch(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
    expect(text).toContain('Signature Algorithm: ecdsa-with-SHA256');
    expect(text).toContain('ASN1 OID: prime256v1');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    expect(text).toMatch(new RegExp(`Authority Key Identifier: \\s+(keyid:)?${id}\n`));
  });

  test('the leaf: serves only, for its names', () => {
    const text = openssl('x509', '-in', 'leaf.crt', '-noout', '-text');
    expect(text).toContain('Signature Algorithm: ecdsa-with-SHA256');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/Extended Key Usage: \s+TLS Web Server Authentication\n/);
    expect(new X509Certificate(leaf.certPem).subjectAltName).toBe(
      [...NAMES.map((name) => `DNS:${name}`), 'IP Address:127.0.0.1', 'IP Address:0:0:0:0:0:0:0:1'].join(', '),
    );
  });

  test('keys are their own, serial numbers random and positive, names of CAs unique', async () => {
    const other = await createAuthority({ now: NOW, lifeMs: DAY });
    const [a, b] = [new X509Certificate(ca.certPem), new X509Certificate(other.certPem)];
    expect(a.checkPrivateKey(createPrivateKey(ca.keyPem))).toBe(true);
    expect(a.checkPrivateKey(createPrivateKey(other.keyPem))).toBe(false);
    expect(new X509Certificate(leaf.certPem).checkPrivateKey(createPrivateKey(leaf.keyPem))).toBe(true);
    expect(a.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(a.serialNumber).not.toBe(b.serialNumber);
    expect(a.subject).toBe(`CN=Pullkeeper CA ${a.serialNumber.toLowerCase()}`);
  });
});

describe('life', () => {
  const at = Date.parse('2026-03-01T12:00:00.750Z');

  test('begins five minutes back, whole seconds, and lasts what is asked from there', async () => {
    const { validFromDate, validToDate } = new X509Certificate(
      (await createAuthority({ now: at, lifeMs: DAY })).certPem,
    );
    expect(validFromDate.toISOString()).toBe('2026-03-01T11:55:00.000Z');
    expect(validToDate.toISOString()).toBe('2026-03-02T11:55:00.000Z');
  });

  test('begins a tenth back when it is short', async () => {
    const { validFromDate } = new X509Certificate((await createAuthority({ now: at, lifeMs: 10_000 })).certPem);
    expect(validFromDate.toISOString()).toBe('2026-03-01T11:59:59.000Z');
  });

  test('a leaf ends with its CA', async () => {
    const short = await createAuthority({ now: at, lifeMs: DAY });
    const { certPem } = await issueLeaf(short, NAMES, { now: at + DAY / 2, lifeMs: 30 * DAY });
    expect(new X509Certificate(certPem).validToDate.toISOString()).toBe('2026-03-02T11:55:00.000Z');
  });

  test('goes past 2049, where X.509 changes its date format', async () => {
    const lifeMs = 30 * 365 * DAY;
    const { validToDate } = new X509Certificate((await createAuthority({ now: at, lifeMs })).certPem);
    expect(validToDate.getTime()).toBe(Date.parse('2026-03-01T11:55:00Z') + lifeMs);
  });
});

test('a strict TLS client that trusts the CA alone connects by the name of the Service', async () => {
  const server = createServer((raw) => {
    const socket = new TLSSocket(raw, { isServer: true, ...secureContextOptions(leaf) });
    socket.on('error', () => socket.destroy());
    socket.end('hello');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const socket = connect({ host: '127.0.0.1', port, servername: NAMES[0], ca: ca.certPem, minVersion: 'TLSv1.3' });
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toBe('hello');
    expect(socket.authorized).toBe(true);
    socket.destroy();
    const stranger = connect({ host: '127.0.0.1', port, servername: 'pullkeeper.other.svc', ca: ca.certPem });
    await expect(once(stranger, 'secureConnect')).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  } finally {
    server.close();
  }
});
