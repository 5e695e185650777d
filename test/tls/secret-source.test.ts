import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCertificateReadiness } from '../../src/tls/certificate-source.ts';
import type { CertificateProblem } from '../../src/tls/certificate-problem.ts';
import { createAuthority, issueLeaf, listServiceNames, type IssuedPair } from '../../src/tls/issue.ts';
import { createSecretSource, type SecretSource } from '../../src/tls/secret-source.ts';
import type { ServingCertificate } from '../../src/tls/serving-certificate.ts';
import { encodeTlsSecret, NO_PAIR } from '../../src/tls/tls-secret.ts';
import { createSteppedClock, type SteppedClock } from './stepped-clock.ts';

const NAMES = listServiceNames('pullkeeper', 'ns');
const HOUR = 3_600_000;
const START = Date.parse('2026-01-01T00:00:00Z');

let clock: SteppedClock;
let source: SecretSource;
let ca: IssuedPair;
let leaf: IssuedPair;
let adopted: ServingCertificate[];
let problems: CertificateProblem[];

beforeEach(async () => {
  clock = createSteppedClock(START);
  adopted = [];
  problems = [];
  ca = await createAuthority({ now: START, lifeMs: 10 * HOUR });
  leaf = await issue(ca);
  source = createSecretSource({
    secretKey: 'ns/pullkeeper-tls',
    serverName: 'pullkeeper.ns.svc',
    clock,
    settleMs: 60_000,
    onProblem: (problem) => problems.push(problem),
  });
  source.onChange((certificate) => adopted.push(certificate));
});

afterEach(() => source.stop());

function issue(authority: IssuedPair, now = START, names = NAMES): Promise<IssuedPair> {
  return issueLeaf(authority, names, { now, lifeMs: HOUR });
}

function dataOf(pair: IssuedPair): Readonly<Record<string, string>> {
  return encodeTlsSecret({ ca: NO_PAIR, next: NO_PAIR, oldCerts: '', leaf: pair, nextLiveSince: undefined }).data;
}

function refused(detail: string): CertificateProblem {
  return {
    code: 'not-trusted',
    sentence: `Secret ns/pullkeeper-tls, tls.crt: the API server would refuse it with the caBundle of the webhook configurations as it is now (${detail}); it is used once the bundle holds its CA`,
  };
}

test('nothing is judged before both the Secret and the bundles are known', async () => {
  expect(source.current()).toBeUndefined();
  expect(source.health()).toEqual({ notAfter: undefined, lastRotation: undefined, lastError: undefined });
  source.offer(dataOf(leaf));
  expect(source.current()).toBeUndefined();
  source.offerBundles([ca.certPem, ca.certPem]);
  expect(source.current()).toMatchObject({ certPem: leaf.certPem, keyPem: leaf.keyPem });
  expect(await source.first).toBe(source.current());
  expect(adopted).toEqual([source.current()]);
  expect(source.health()).toEqual({
    notAfter: new Date(START + HOUR - 5 * 60_000),
    lastRotation: new Date(START),
    lastError: undefined,
  });
  expect(problems).toEqual([]);
});

test('a leaf under a CA that is not live everywhere waits until it is', async () => {
  source.offerBundles([ca.certPem, ca.certPem]);
  source.offer(dataOf(leaf));
  const next = await createAuthority({ now: START, lifeMs: 10 * HOUR });
  const nextLeaf = await issue(next);
  source.offer(dataOf(nextLeaf));
  source.offerBundles([ca.certPem + next.certPem, ca.certPem]);
  source.offerBundles([ca.certPem + next.certPem, '']);
  expect(source.current()).toMatchObject({ certPem: leaf.certPem });
  expect(problems).toEqual([refused('its CA is not in the bundle'), refused('the bundle is empty')]);
  expect(source.health().lastError).toEqual(problems[1]);
  const both = [ca.certPem + next.certPem, `${ca.certPem}junk\n${next.certPem}`];
  source.offerBundles(both);
  expect(source.current()).toMatchObject({ certPem: leaf.certPem });
  // API servers may not trust it yet; the one before is good meanwhile.
  const look = await clock.nextSleep();
  const settled = await clock.nextSleep();
  expect([look.ms, settled.ms]).toEqual([10_000, 60_000]);
  look.wake();
  source.offerBundles(both);
  expect(source.current()).toMatchObject({ certPem: leaf.certPem });
  settled.wake();
  await expect.poll(() => source.current()).toMatchObject({ certPem: nextLeaf.certPem });
  expect(source.health().lastError).toBeUndefined();
});

test('a leaf under a CA that is new everywhere is taken up at once where the one before is good no more', async () => {
  source.offerBundles([ca.certPem]);
  source.offer(dataOf(leaf));
  const next = await createAuthority({ now: START, lifeMs: 10 * HOUR });
  const nextLeaf = await issue(next);
  source.offer(dataOf(nextLeaf));
  source.offerBundles([next.certPem]);
  expect(source.current()).toMatchObject({ certPem: nextLeaf.certPem });
});

test('without any webhook configuration nobody calls: a good leaf is used', () => {
  source.offerBundles([]);
  source.offer(dataOf(leaf));
  expect(source.current()).toMatchObject({ certPem: leaf.certPem });
});

test.each<[code: string, make: () => Promise<Readonly<Record<string, string>> | undefined>]>([
  ['missing', () => Promise.resolve(undefined)],
  ['missing', () => Promise.resolve({})],
  ['not-a-key', () => Promise.resolve(dataOf({ ...leaf, keyPem: '' }))],
  ['not-pem', () => Promise.resolve({ ...dataOf(leaf), 'tls.crt': '????' })],
  ['not-a-certificate', () => Promise.resolve(dataOf({ ...leaf, certPem: leaf.certPem.replace(/^M/m, 'N') }))],
  ['key-mismatch', async () => dataOf({ ...leaf, keyPem: (await issue(ca)).keyPem })],
  ['expired', async () => dataOf(await issue(ca, START - HOUR))],
  ['not-yet-valid', async () => dataOf(await issue(ca, START + HOUR))],
  ['not-trusted', async () => dataOf(await issue(ca, START, ['pullkeeper.other.svc']))],
  ['not-trusted', async () => dataOf(await issue(await createAuthority({ now: START, lifeMs: HOUR })))],
])('what is %s never replaces what is good', async (code, make) => {
  source.offerBundles([ca.certPem]);
  source.offer(dataOf(leaf));
  const before = source.current();
  const data = await make();
  source.offer(data);
  source.offer(data);
  expect(source.current()).toBe(before);
  expect(problems.map((problem) => problem.code)).toEqual([code]);
  expect(source.health()).toMatchObject({ lastError: problems[0] });
  for (const line of leaf.keyPem.split('\n').slice(1, -2)) expect(JSON.stringify(problems)).not.toContain(line);

  source.offer(dataOf(leaf));
  expect(source.health().lastError).toBeUndefined();
  expect(adopted).toHaveLength(1);
});

test('a leaf from a clock that is ahead is taken up once it is valid', async () => {
  source.offerBundles([ca.certPem]);
  const early = await issue(ca, START + 5 * 60_000 + 10_000);
  source.offer(dataOf(early));
  expect(source.health().lastError?.code).toBe('not-yet-valid');
  const look = await clock.nextSleep();
  expect(look.ms).toBe(10_000);
  look.wake();
  expect(await source.first).toMatchObject({ certPem: early.certPem });
});

test('readiness: missing, served, expired; a broken offer does not stop what is good', () => {
  const ready = (now: number): unknown => readCertificateReadiness(source.health(), new Date(now));
  expect(ready(START)).toEqual({ ready: false, code: 'missing', sentence: 'there is no serving certificate yet' });
  source.offerBundles(['']);
  source.offer(undefined);
  expect(ready(START)).toEqual({
    ready: false,
    code: 'missing',
    sentence:
      'there is no serving certificate yet: Secret ns/pullkeeper-tls, tls.crt: is not there yet; the leader writes it, see its log if it does not',
  });
  source.offerBundles([ca.certPem]);
  source.offer(dataOf(leaf));
  source.offer(undefined);
  expect(ready(START)).toEqual({
    ready: true,
    code: 'served',
    sentence: 'the serving certificate is good until 2026-01-01T00:55:00.000Z',
  });
  source.offer(dataOf(leaf));
  expect(ready(START + HOUR)).toEqual({
    ready: false,
    code: 'expired',
    sentence: 'the serving certificate expired at 2026-01-01T00:55:00.000Z',
  });
});
