import { beforeAll, describe, expect, test } from 'vitest';
import { findTrustFault, readBundle } from '../../src/tls/ca-bundle.ts';
import { AUTHORITY, makePair, type Pair } from './material.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
const TIME = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };

let ca: Pair;
let other: Pair;
let leaf: Pair;

beforeAll(async () => {
  ca = await makePair({ name: 'ca', extensions: AUTHORITY, ...TIME });
  other = await makePair({ name: 'other', extensions: AUTHORITY, ...TIME });
  leaf = await makePair({ issuer: ca, ...TIME });
});

function fault(bundle: string, chain = leaf.cert, serverName = 'localhost'): string | undefined {
  return findTrustFault(chain, bundle, serverName, NOW);
}

describe('what a client that trusts a bundle alone says of a leaf', () => {
  test('nothing, wherever its CA is in the bundle', () => {
    expect(fault(ca.cert)).toBeUndefined();
    expect(fault(`${other.cert}\n${ca.cert}`)).toBeUndefined();
    expect(fault(`# two CAs\n${ca.cert}\njunk\n${other.cert}`)).toBeUndefined();
  });

  test('nothing, for a leaf with its intermediate', async () => {
    const middle = await makePair({ name: 'middle', extensions: AUTHORITY, issuer: ca, ...TIME });
    const below = await makePair({ issuer: middle, ...TIME });
    expect(fault(ca.cert, `${below.cert}\n${middle.cert}`)).toBeUndefined();
    expect(fault(ca.cert, below.cert)).toBe('its CA is not in the bundle');
  });

  test('another CA', () => {
    expect(fault(other.cert)).toBe('its CA is not in the bundle');
  });

  test('a CA of the same name with another key', async () => {
    const twin = await makePair({ name: 'ca', extensions: AUTHORITY, ...TIME });
    expect(fault(twin.cert)).toBe('its CA is not in the bundle');
    expect(fault(`${twin.cert}\n${ca.cert}`)).toBeUndefined();
  });

  test('an issuer that is no CA', async () => {
    const plain = await makePair({ name: 'plain', ...TIME });
    const below = await makePair({ issuer: plain, ...TIME });
    expect(fault(plain.cert, below.cert)).toBe('its CA is not in the bundle');
  });

  test('a CA that has ended, or has not begun', async () => {
    const ended = await makePair({ name: 'ended', extensions: AUTHORITY, ...TIME, notAfter: NOW });
    const early = await makePair({ name: 'early', extensions: AUTHORITY, ...TIME, notBefore: new Date(+NOW + 1000) });
    for (const issuer of [ended, early]) {
      const below = await makePair({ issuer, ...TIME });
      expect(fault(issuer.cert, below.cert)).toBe('its CA is in the bundle but out of its time');
    }
  });

  test('an empty bundle, junk, and another name', () => {
    expect(fault('')).toBe('the bundle is empty');
    expect(fault('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toBe('the bundle is empty');
    expect(fault(ca.cert, leaf.cert, 'pullkeeper.ns.svc')).toBe('it is not for pullkeeper.ns.svc');
    expect(fault(ca.cert, '')).toBe('there is no certificate');
  });
});

test('a bundle is read certificate by certificate, what is broken passed over', () => {
  const cut = ca.cert.replace(/^M.*$/m, '');
  const read = readBundle(`${other.cert}\n${cut}\n${ca.cert}`);
  expect(read.map(({ certificate }) => certificate.subject)).toEqual(['CN=other', 'CN=ca']);
  expect(readBundle(read.map(({ pem }) => pem).join('')).map(({ id }) => id)).toEqual(read.map(({ id }) => id));
});
