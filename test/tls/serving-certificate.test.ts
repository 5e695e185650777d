import { X509Certificate } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { readServingPair, type PairReading } from '../../src/tls/serving-certificate.ts';
import { AUTHORITY, HOST_NAMES, makePair, type Pair } from './material.ts';

const NAMES = { cert: '/c/tls.crt', key: '/c/tls.key' };

function read(pair: Pair, now = new Date()): PairReading {
  return readServingPair(pair.cert, pair.key, NAMES, now);
}

function bad(code: string, sentence: string): unknown {
  return { kind: 'bad', problem: { code, sentence } };
}

describe('a good pair', () => {
  test('is taken with its dates and fingerprint', async () => {
    const pair = await makePair();
    const { validFromDate, validToDate, fingerprint256 } = new X509Certificate(pair.cert);
    expect(read(pair)).toEqual({
      kind: 'good',
      certificate: {
        certPem: pair.cert,
        keyPem: pair.key,
        notBefore: validFromDate,
        notAfter: validToDate,
        fingerprint: fingerprint256,
      },
    });
  });

  test('may have a chain, leaf first; its end is the earliest one in the chain', async () => {
    const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + 60_000);
    const root = await makePair({ name: 'root', extensions: AUTHORITY });
    const middle = await makePair({ name: 'middle', extensions: AUTHORITY, issuer: root, notAfter });
    const leaf = await makePair({ issuer: middle });
    const reading = read({ cert: `Bag Attributes\n${leaf.cert}\n${middle.cert}\n${root.cert}`, key: leaf.key });
    expect(reading).toMatchObject({ kind: 'good', certificate: { notAfter } });
  });

  test('may have Windows line ends and an RSA key', async () => {
    const { cert, key } = await makePair({ rsaBits: 2048 });
    const pair = { cert: cert.replaceAll(/\r?\n/g, '\r\n'), key: key.replaceAll(/\r?\n/g, '\r\n') };
    expect(read(pair)).toMatchObject({ kind: 'good' });
  });
});

describe('a broken pair', () => {
  test('no certificate in the certificate file', async () => {
    const { key } = await makePair();
    const expected = bad(
      'not-pem',
      '/c/tls.crt: holds no certificate in PEM (BEGIN CERTIFICATE); give the serving certificate, then its intermediates',
    );
    expect(read({ cert: '', key })).toEqual(expected);
    expect(read({ cert: key, key })).toEqual(expected);
  });

  test('a certificate cut short, second of two', async () => {
    const { cert, key } = await makePair();
    const lines = cert.trim().split(/\r?\n/);
    const cut = [...lines.slice(0, 3), ...lines.slice(-1)].join('\n');
    expect(read({ cert: `${cert}\n${cut}\n`, key })).toEqual(
      bad('not-a-certificate', '/c/tls.crt: certificate 2 is damaged; write it anew'),
    );
  });

  test.each([
    ['empty', ''],
    ['not PEM', 'secret'],
    ['cut short', '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n'],
  ])('a key that is %s, and the sentence does not quote it', async (_case, key) => {
    const { cert } = await makePair();
    expect(read({ cert, key })).toEqual(
      bad('not-a-key', '/c/tls.key: holds no private key in PEM (BEGIN PRIVATE KEY) that can be read; write it anew'),
    );
  });

  test('a key with a passphrase', async () => {
    const { cert, key } = await makePair();
    const encrypted = execFileSync('openssl', ['pkey', '-aes256', '-passout', 'pass:x'], {
      input: key,
      encoding: 'utf8',
    });
    expect(read({ cert, key: encrypted })).toEqual(
      bad(
        'key-encrypted',
        '/c/tls.key: is encrypted with a passphrase; give the key without one (openssl pkey -in … -out …)',
      ),
    );
  });

  test("another certificate's key", async () => {
    const { cert } = await makePair();
    const { key } = await makePair();
    expect(read({ cert, key })).toEqual(
      bad(
        'key-mismatch',
        '/c/tls.key: is not the key of the first certificate in /c/tls.crt; give the pair that was issued together, serving certificate first',
      ),
    );
  });

  test('a chain out of order', async () => {
    const root = await makePair({ name: 'root', extensions: AUTHORITY });
    const middle = await makePair({ name: 'middle', extensions: AUTHORITY, issuer: root });
    const leaf = await makePair({ issuer: middle });
    expect(read({ cert: `${leaf.cert}\n${root.cert}\n${middle.cert}`, key: leaf.key })).toEqual(
      bad(
        'chain-order',
        '/c/tls.crt: certificate 1 is not issued by certificate 2; put the serving certificate first, then each issuer after what it issued',
      ),
    );
  });

  test("an issuer of the right name and another key, as after a CA's renewal", async () => {
    const root = await makePair({ name: 'root', extensions: AUTHORITY });
    const other = await makePair({ name: 'root', extensions: AUTHORITY });
    const leaf = await makePair({ issuer: root });
    expect(read({ cert: `${leaf.cert}\n${other.cert}`, key: leaf.key })).toMatchObject({
      problem: { code: 'chain-order' },
    });
  });

  test('expired, to the second, and not valid yet', async () => {
    const notBefore = new Date('2026-01-01T00:00:00Z');
    const notAfter = new Date('2026-02-01T00:00:00Z');
    const pair = await makePair({ notBefore, notAfter });
    expect(read(pair, new Date(notAfter.getTime() - 1))).toMatchObject({ kind: 'good' });
    expect(read(pair, notAfter)).toEqual(
      bad('expired', '/c/tls.crt: certificate 1 expired at 2026-02-01T00:00:00.000Z; renew it'),
    );
    expect(read(pair, notBefore)).toMatchObject({ kind: 'good' });
    expect(read(pair, new Date(notBefore.getTime() - 1))).toEqual(
      bad(
        'not-yet-valid',
        "/c/tls.crt: certificate 1 is valid from 2026-01-01T00:00:00.000Z on; check this machine's clock or wait",
      ),
    );
  });

  test('an intermediate that expired', async () => {
    const notAfter = new Date('2026-02-01T00:00:00Z');
    const root = await makePair({ name: 'root', extensions: AUTHORITY, notBefore: new Date(0), notAfter });
    const leaf = await makePair({ issuer: root });
    expect(read({ cert: `${leaf.cert}\n${root.cert}`, key: leaf.key })).toEqual(
      bad('expired', '/c/tls.crt: certificate 2 expired at 2026-02-01T00:00:00.000Z; renew it'),
    );
  });

  test('no subject alternative name', async () => {
    const pair = await makePair({ name: 'localhost', extensions: [{ name: 'basicConstraints', cA: false }] });
    expect(read(pair)).toEqual(
      bad(
        'no-names',
        "/c/tls.crt: names no host as subject alternative name, and API servers ignore the common name; issue it with the Service's DNS names",
      ),
    );
  });

  test('an extended key usage without serverAuth', async () => {
    const client = await makePair({ extensions: [...HOST_NAMES, { name: 'extKeyUsage', clientAuth: true }] });
    const both = await makePair({
      extensions: [...HOST_NAMES, { name: 'extKeyUsage', clientAuth: true, serverAuth: true }],
    });
    expect(read(both)).toMatchObject({ kind: 'good' });
    expect(read(client)).toEqual(
      bad(
        'not-for-servers',
        '/c/tls.crt: its extended key usage leaves out serverAuth, so API servers refuse it; issue it for servers',
      ),
    );
  });

  test('a key too short for TLS', async () => {
    expect(read(await makePair({ rsaBits: 1024 }))).toEqual(
      bad(
        'context-refused',
        '/c/tls.crt: TLS refuses the pair (ee key too small); issue it with an EC P-256 or RSA 2048 key and SHA-256',
      ),
    );
  });
});
