import { mkdir, mkdtemp, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { systemClock } from '../../src/kube/system-clock.ts';
import { openCertificateFiles, type CertificateFiles } from '../../src/tls/certificate-files.ts';
import type { CertificateProblem } from '../../src/tls/certificate-problem.ts';
import type { ServingCertificate } from '../../src/tls/serving-certificate.ts';
import { createDevelopmentCertificates } from '../../tools/certs/development.ts';
import { createMailbox, makePair, type Pair } from './material.ts';

/** Long enough that only a directory's event can be what a test sees. */
const NEVER_MS = 3_600_000;

let dir: string;
let files: CertificateFiles | undefined;
let changes: ReturnType<typeof createMailbox<ServingCertificate>>;
let problems: ReturnType<typeof createMailbox<CertificateProblem>>;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pullkeeper-tls-'));
  changes = createMailbox();
  problems = createMailbox();
});

afterEach(async () => {
  await files?.stop();
  files = undefined;
  await rm(dir, { recursive: true });
});

async function open(from = dir, checkIntervalMs = NEVER_MS, clock: Clock = systemClock): Promise<CertificateFiles> {
  files = await openCertificateFiles({
    certFile: join(from, 'tls.crt'),
    keyFile: join(from, 'tls.key'),
    clock,
    checkIntervalMs,
    settleMs: 5,
    onProblem: (problem) => problems.tell(problem),
  });
  files.onChange((certificate) => changes.tell(certificate));
  return files;
}

async function put(pair: Pair, into = dir): Promise<void> {
  await writeFile(join(into, 'tls.crt'), pair.cert);
  await writeFile(join(into, 'tls.key'), pair.key);
}

describe('at start', () => {
  test('the pair is there, with its health', async () => {
    const pair = await makePair();
    await put(pair);
    const opened = await open(dir, NEVER_MS, { ...systemClock, wallTime: () => Date.now() });
    expect(opened.current()).toMatchObject({ certPem: pair.cert, keyPem: pair.key });
    expect(opened.health()).toEqual({
      notAfter: opened.current().notAfter,
      lastRotation: expect.any(Date),
      lastError: undefined,
    });
  });

  test('a missing file', async () => {
    await expect(open()).rejects.toThrow(
      `${dir}/tls.crt: cannot be read (ENOENT); it must be a file that Pullkeeper's user may read`,
    );
    await writeFile(join(dir, 'tls.crt'), (await makePair()).cert);
    await mkdir(join(dir, 'tls.key'));
    await expect(open()).rejects.toMatchObject({
      name: 'CertificateError',
      problem: {
        code: 'unreadable',
        sentence: `${dir}/tls.key: cannot be read (EISDIR); it must be a file that Pullkeeper's user may read`,
      },
    });
  });

  test('an expired pair', async () => {
    await put(await makePair({ notBefore: new Date(0), notAfter: new Date(1000) }));
    await expect(open()).rejects.toThrow(`${dir}/tls.crt: certificate 1 expired at 1970-01-01T00:00:01.000Z; renew it`);
  });
});

describe('a change', () => {
  test('of both files, rewritten in place', async () => {
    await put(await makePair());
    const opened = await open();
    const next = await makePair();
    await put(next);
    expect(await changes.next()).toMatchObject({ certPem: next.cert, keyPem: next.key });
    expect(opened.current()).toMatchObject({ certPem: next.cert });
    expect(opened.health()).toMatchObject({ notAfter: opened.current().notAfter, lastError: undefined });
  });

  test('by renames', async () => {
    await put(await makePair());
    await open();
    const next = await makePair();
    await mkdir(join(dir, 'next'));
    await put(next, join(dir, 'next'));
    await rename(join(dir, 'next/tls.key'), join(dir, 'tls.key'));
    await rename(join(dir, 'next/tls.crt'), join(dir, 'tls.crt'));
    expect(await changes.next()).toMatchObject({ certPem: next.cert });
  });

  test('of a Secret volume: the kubelet swaps the ..data symlink, and removes the old folder', async () => {
    const volume = await createSecretVolume(await makePair());
    await open();
    for (let rotation = 1; rotation <= 3; rotation++) {
      const next = await makePair();
      await volume.swap(next);
      expect(await changes.next()).toMatchObject({ certPem: next.cert, keyPem: next.key });
    }
    expect(problems.waiting).toEqual([]);
  });

  test('of a symlink further up the path, which no event tells, by the periodic look', async () => {
    await mkdir(join(dir, 'a'));
    await mkdir(join(dir, 'b'));
    const next = await makePair();
    await put(await makePair(), join(dir, 'a'));
    await put(next, join(dir, 'b'));
    await symlink('a', join(dir, 'live'));
    await open(join(dir, 'live'), 10);
    await symlink('b', join(dir, 'live.new'));
    await rename(join(dir, 'live.new'), join(dir, 'live'));
    expect(await changes.next()).toMatchObject({ certPem: next.cert });
  });

  test('of development certificates, made anew over the old ones', async () => {
    const options = { hosts: ['localhost', '127.0.0.1', '::1'], days: 1, dir };
    await createDevelopmentCertificates(options);
    await open();
    const next = await createDevelopmentCertificates(options);
    expect(await changes.next()).toMatchObject({ certPem: next.certPem });
    expect(await readFile(join(dir, 'ca.crt'), 'utf8')).toBe(next.caPem);
  });
});

describe('a broken change never replaces a good pair', () => {
  test('told once, forgotten when the good pair is put back', async () => {
    const good = await makePair();
    const volume = await createSecretVolume(good);
    const opened = await open(dir, 10);
    await volume.swap({ cert: good.cert, key: (await makePair()).key });
    const problem = await problems.next();
    expect(problem).toEqual({
      code: 'key-mismatch',
      sentence: `${dir}/tls.key: is not the key of the first certificate in ${dir}/tls.crt; give the pair that was issued together, serving certificate first`,
    });
    expect(opened.current()).toMatchObject({ certPem: good.cert, keyPem: good.key });
    expect(opened.health()).toMatchObject({ lastError: problem });

    // Many looks at the same content, and another content after it: each is told once.
    await volume.swap({ cert: 'damaged', key: good.key });
    expect(await problems.next()).toMatchObject({ code: 'not-pem' });
    expect(problems.waiting).toEqual([]);

    await volume.swap(good);
    await volume.swap({ cert: 'damaged', key: good.key });
    const next = await makePair();
    await volume.swap(next);
    expect(await changes.next()).toMatchObject({ certPem: next.cert });
    expect(opened.health()).toMatchObject({ lastError: undefined });
  });

  test('an expired one, and one whose files are gone', async () => {
    const good = await makePair();
    const volume = await createSecretVolume(good);
    const opened = await open();
    await volume.swap(await makePair({ notBefore: new Date(0), notAfter: new Date(1000) }));
    expect(await problems.next()).toMatchObject({ code: 'expired' });
    await unlink(join(dir, 'tls.key'));
    expect(await problems.next()).toMatchObject({
      code: 'unreadable',
      sentence: `${dir}/tls.key: cannot be read (ENOENT); it must be a file that Pullkeeper's user may read`,
    });
    expect(opened.current()).toMatchObject({ certPem: good.cert });
  });

  test('one that is not valid yet is taken up once it is', async () => {
    const volume = await createSecretVolume(await makePair());
    let wallTime = Date.now();
    await open(dir, 10, { ...systemClock, wallTime: () => wallTime });
    const next = await makePair({ notBefore: new Date(wallTime + 60_000) });
    await volume.swap(next);
    expect(await problems.next()).toMatchObject({ code: 'not-yet-valid' });
    wallTime += 120_000;
    expect(await changes.next()).toMatchObject({ certPem: next.cert });
  });

  test('a listener that fails is told and does not end the watching', async () => {
    const volume = await createSecretVolume(await makePair());
    const opened = await open();
    opened.onChange(() => {
      throw new RangeError('no');
    });
    const next = await makePair();
    await volume.swap(next);
    expect(await changes.next()).toMatchObject({ certPem: next.cert });
    expect(await problems.next()).toEqual({
      code: 'context-refused',
      sentence:
        'the new serving certificate: TLS refuses the pair (RangeError); issue it with an EC P-256 or RSA 2048 key and SHA-256',
    });
    const last = await makePair();
    await volume.swap(last);
    expect(await changes.next()).toMatchObject({ certPem: last.cert });
  });
});

/** Lays a folder out and changes it as the kubelet's AtomicWriter does (k8s.io/kubernetes/pkg/volume/util/atomic_writer.go). */
async function createSecretVolume(first: Pair): Promise<{ swap(pair: Pair): Promise<void> }> {
  let generation = 0;
  async function swap(pair: Pair): Promise<void> {
    const old = `..generation-${generation}`;
    const name = `..generation-${++generation}`;
    await mkdir(join(dir, name));
    await put(pair, join(dir, name));
    await symlink(name, join(dir, '..data_tmp'));
    await rename(join(dir, '..data_tmp'), join(dir, '..data'));
    await rm(join(dir, old), { recursive: true, force: true });
  }
  await swap(first);
  await symlink('..data/tls.crt', join(dir, 'tls.crt'));
  await symlink('..data/tls.key', join(dir, 'tls.key'));
  return { swap };
}
