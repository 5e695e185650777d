import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_ROTATION, RENEWAL_SHARE } from '../../src/core/tls/rotation-durations.ts';
import { readBundle } from '../../src/tls/ca-bundle.ts';
import { createAuthority, issueLeaf, listServiceNames } from '../../src/tls/issue.ts';
import { rotate, type Rotated } from '../../src/tls/rotate.ts';
import { createMemoryCluster, type MemoryCluster } from './memory-cluster.ts';

const NAMES = listServiceNames('pullkeeper', 'pullkeeper-system');
const DAY = 86_400_000;
const MINUTE = 60_000;
const START = Date.parse('2026-01-01T00:00:00Z');

let cluster: MemoryCluster;
let now: number;

beforeEach(() => {
  cluster = createMemoryCluster();
  now = START;
});

function step(mayWrite = true): Promise<Rotated> {
  const options = { store: cluster.store, names: NAMES, durations: DEFAULT_ROTATION };
  return rotate(options, { now, signal: new AbortController().signal, mayWrite: () => mayWrite });
}

/** Every step until there is nothing to do, and when there will be. */
async function settle(): Promise<{ codes: readonly string[]; until: number }> {
  const codes: string[] = [];
  for (;;) {
    const rotated = await step();
    if (rotated.result === 'idle') return { codes, until: rotated.until };
    if (rotated.result !== 'stepped') throw new Error(rotated.result);
    codes.push(...rotated.steps.map(({ code }) => code));
  }
}

function ids(pem: string): readonly string[] {
  return readBundle(pem).map(({ id }) => id);
}

function leaf(): X509Certificate {
  return new X509Certificate(cluster.material().leaf.certPem);
}

describe('from nothing through a whole rotation', () => {
  test('each step, when it is due, and what it leaves', async () => {
    // Nothing → a CA, a leaf, both bundles.
    const first = await settle();
    expect(first.codes).toEqual(['created', 'bundle-published', 'bundle-published']);
    const ca = cluster.material().ca.certPem;
    expect(cluster.bundles().map(ids)).toEqual([ids(ca), ids(ca)]);
    expect(Object.keys(cluster.secret()?.data ?? {})).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);

    // The leaf at two thirds of its life, under the same CA, until the CA itself is due.
    const leafEvery = DEFAULT_ROTATION.leafMs * RENEWAL_SHARE - 5 * MINUTE;
    expect(first.until).toBe(START + leafEvery);
    const caDue = START - 5 * MINUTE + DEFAULT_ROTATION.caMs * RENEWAL_SHARE;
    let until = first.until;
    for (let renewals = 1; until < caDue; renewals++) {
      now = until;
      const renewal = await settle();
      expect(renewal.codes).toEqual(['leaf-issued']);
      expect(renewal.until).toBe(Math.min(START + (renewals + 1) * leafEvery, caDue));
      until = renewal.until;
    }
    expect(cluster.material().ca.certPem).toBe(ca);

    // The CA at two thirds of its life: the next one is made known and waits.
    now = caDue;
    const introduced = await settle();
    expect(introduced.codes).toEqual(['next-ca-created', 'bundle-published', 'bundle-published', 'next-ca-live']);
    expect(introduced.until).toBe(now + MINUTE);
    const next = cluster.material().next.certPem;
    expect(cluster.bundles().map(ids)).toEqual([
      [...ids(ca), ...ids(next)],
      [...ids(ca), ...ids(next)],
    ]);
    expect(leaf().checkIssued(new X509Certificate(ca))).toBe(true);

    // It has settled: the leaf changes, the bundles do not, and the old key is gone.
    now = introduced.until;
    const oldKey = cluster.material().ca.keyPem;
    const switched = await settle();
    expect(switched.codes).toEqual(['switched']);
    // A second more: a leaf's start is cut to whole seconds.
    expect(switched.until).toBe(now + DAY + 1000);
    expect(leaf().checkIssued(new X509Certificate(next))).toBe(true);
    expect(cluster.bundles().map(ids)).toEqual([
      [...ids(ca), ...ids(next)],
      [...ids(ca), ...ids(next)],
    ]);
    expect(Object.values(cluster.material())).not.toContainEqual(expect.objectContaining({ keyPem: oldKey }));
    expect(Object.keys(cluster.secret()?.data ?? {})).toEqual(['ca.crt', 'ca.key', 'old-ca.crt', 'tls.crt', 'tls.key']);
    expect(cluster.secret()?.annotations).toEqual({});

    // Every replica has had a day: the old CA goes.
    now = switched.until;
    const dropped = await settle();
    expect(dropped.codes).toEqual(['old-ca-dropped', 'bundle-published', 'bundle-published']);
    expect(cluster.bundles().map(ids)).toEqual([ids(next), ids(next)]);
    expect(dropped.until).toBe(introduced.until + leafEvery);
  });
});

describe('what is done to it', () => {
  beforeEach(async () => {
    await settle();
  });

  test('a bundle wiped on one configuration is put back there alone', async () => {
    const [before] = cluster.bundles();
    cluster.setBundle('validating', '');
    expect(await step()).toEqual({
      result: 'stepped',
      action: 'publish',
      steps: [
        {
          code: 'bundle-published',
          sentence:
            'the caBundle of the validating webhook configuration pullkeeper was not what it should be: it was set',
        },
      ],
    });
    expect(cluster.bundles()).toEqual([before, before]);
  });

  test('a configuration that is gone holds nothing up and is not made anew', async () => {
    cluster.removeConfiguration('mutating');
    cluster.removeConfiguration('validating');
    expect((await settle()).codes).toEqual([]);
    now += DEFAULT_ROTATION.caMs * RENEWAL_SHARE;
    expect((await settle()).codes).toEqual(['leaf-issued', 'next-ca-created', 'next-ca-live']);
    expect(cluster.bundles()).toEqual([]);
  });

  test('a Secret that was deleted: a new CA, and the one that replicas serve under stays trusted for the overlap', async () => {
    const { ca } = cluster.material();
    cluster.deleteSecret();
    expect((await settle()).codes).toEqual(['created', 'bundle-published', 'bundle-published']);
    const renewed = cluster.material().ca.certPem;
    expect(cluster.bundles().map(ids)).toEqual([
      [...ids(ca.certPem), ...ids(renewed)],
      [...ids(ca.certPem), ...ids(renewed)],
    ]);
    now += DAY + 2000;
    await settle();
    expect(cluster.bundles().map(ids)).toEqual([ids(renewed), ids(renewed)]);
  });

  test("another issuer's CAs are adopted in the same way, eight of them at most", async () => {
    const life = { now, lifeMs: DAY };
    const foreign = await Promise.all(Array.from({ length: 9 }, () => createAuthority(life)));
    cluster.deleteSecret();
    cluster.setBundle('mutating', foreign.map(({ certPem }) => certPem).join(''));
    cluster.setBundle('validating', foreign.map(({ certPem }) => certPem).join('junk\n'));
    await settle();
    const expected = [...foreign.slice(1), cluster.material().ca].flatMap(({ certPem }) => ids(certPem));
    expect(cluster.bundles().map(ids)).toEqual([expected, expected]);
  });

  test.each([
    ['gone', { certPem: '', keyPem: '' }],
    ['damaged', { certPem: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', keyPem: 'x' }],
  ])('a leaf that is %s is issued anew', async (_case, pair) => {
    cluster.putMaterial({ leaf: pair });
    expect((await settle()).codes).toEqual(['leaf-issued']);
  });

  test("a leaf with another's key, of another CA, or without one of the names is issued anew", async () => {
    const { ca, leaf: good } = cluster.material();
    const life = { now, lifeMs: DAY };
    const other = await issueLeaf(await createAuthority(life), NAMES, life);
    const nameless = await issueLeaf(ca, NAMES.slice(1), life);
    for (const pair of [{ ...good, keyPem: other.keyPem }, other, nameless]) {
      cluster.putMaterial({ leaf: pair });
      expect((await settle()).codes).toEqual(['leaf-issued']);
      expect(leaf().checkHost(NAMES[0] ?? '')).toBe(NAMES[0]);
    }
  });

  test('a CA without its key is followed by the next one; the leaf goes on', async () => {
    const { ca, leaf: before } = cluster.material();
    cluster.putMaterial({ ca: { certPem: ca.certPem, keyPem: '' } });
    expect((await settle()).codes).toEqual(['next-ca-created', 'bundle-published', 'bundle-published', 'next-ca-live']);
    expect(cluster.material().leaf).toEqual(before);
    now += MINUTE;
    expect((await settle()).codes).toEqual(['switched']);
  });

  test('a next CA wiped from a bundle while it settles waits anew', async () => {
    now += DEFAULT_ROTATION.caMs * RENEWAL_SHARE;
    await settle();
    const { ca } = cluster.material();
    now += MINUTE;
    cluster.setBundle('mutating', ca.certPem);
    const { codes, until } = await settle();
    expect(codes).toEqual(['next-ca-not-live', 'bundle-published', 'next-ca-live']);
    expect(until).toBe(now + MINUTE);
  });

  test('an annotation that is no date, and a next CA that is damaged, are as if they were not there', async () => {
    now += DEFAULT_ROTATION.caMs * RENEWAL_SHARE;
    await settle();
    cluster.putMaterial({ nextLiveSince: undefined });
    expect((await settle()).codes).toEqual(['next-ca-live']);
    cluster.putMaterial({ next: { certPem: cluster.material().next.certPem, keyPem: 'x' } });
    expect((await settle()).codes).toEqual([
      'bundle-published',
      'bundle-published',
      'next-ca-created',
      'bundle-published',
      'bundle-published',
      'next-ca-live',
    ]);
  });
});

describe('two who lead at once', () => {
  test('a Secret written meanwhile is not overwritten', async () => {
    cluster.intercept = (call, when) => {
      if (call !== 'readSecret' || when !== 'after') return;
      cluster.intercept = () => {};
      cluster.putMaterial({ oldCerts: 'written by another' });
    };
    expect(await step()).toEqual({ result: 'conflict', where: 'the certificate Secret' });
    expect(cluster.material().oldCerts).toBe('written by another');
  });

  test('a stale leader cannot take the next CA out of a bundle', async () => {
    await settle();
    const { ca } = cluster.material();
    cluster.setBundle('mutating', '');
    // It has read all and wants to put the CA back; another leader does, and goes on to the next CA, before it writes.
    cluster.intercept = async (call, when) => {
      if (call !== 'applyBundle' || when !== 'before') return;
      cluster.intercept = () => {};
      now += DEFAULT_ROTATION.caMs * RENEWAL_SHARE;
      await settle();
    };
    expect(await step()).toEqual({ result: 'conflict', where: 'the mutating webhook configuration pullkeeper' });
    const expected = [...ids(ca.certPem), ...ids(cluster.material().next.certPem)];
    expect(cluster.bundles().map(ids)).toEqual([expected, expected]);
  });

  test('who no longer leads writes neither the Secret nor a bundle', async () => {
    expect(await step(false)).toEqual({ result: 'not-leading' });
    expect(cluster.secret()).toBeUndefined();
    await step();
    expect(await step(false)).toEqual({ result: 'not-leading' });
    expect(cluster.bundles()).toEqual(['', '']);
  });
});
