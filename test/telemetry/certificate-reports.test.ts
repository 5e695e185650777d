import { describe, expect, it } from 'vitest';
import { rotationStep, rotationTrouble } from '../../src/core/tls/rotation-outcome.ts';
import { createCertificateReports } from '../../src/telemetry/certificate-reports.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

const UNTRUSTED = { code: 'not-trusted', sentence: 'tls.crt: its CA is not in the bundle' };
const BROKEN = { code: 'key-mismatch', sentence: 'tls.key: is not the key of tls.crt' };

function setUp() {
  const lines: unknown[] = [];
  const events: unknown[] = [];
  const metrics = createMetrics();
  const reports = createCertificateReports({
    logger: createLogger('info', { write: (line) => void lines.push(JSON.parse(line)) }),
    metrics,
    events: { record: ({ kind, name, namespace, uid }, note) => void events.push([kind, name, namespace, uid, note]) },
    namespace: () => ({ name: 'own', uid: 'u' }),
  });
  const sample = async (start: string): Promise<readonly string[]> =>
    (await metrics.render()).text.split('\n').filter((line) => line.startsWith(start));
  return { reports, lines, events, sample };
}

describe('a certificate that is not used', () => {
  it.each([
    ['at the start, while its CA is being made known', UNTRUSTED, false],
    ['at the start, while it is not there', { code: 'missing', sentence: 'tls.crt: is not there yet' }, false],
  ])('%s is nothing to worry about', (_title, problem, isServing) => {
    const { reports, lines, events } = setUp();
    reports.refused(problem, isServing);
    expect(lines).toMatchObject([{ level: 'info', msg: 'waiting for a certificate', code: problem.code }]);
    expect(events).toEqual([]);
  });

  it.each([
    ['later, for the same reason', UNTRUSTED, true],
    ['at the start, for being broken', BROKEN, false],
    ['later, for being broken', BROKEN, true],
  ])('%s is an error and an Event', (_title, problem, isServing) => {
    const { reports, lines, events } = setUp();
    reports.refused(problem, isServing);
    expect(lines).toMatchObject([
      { level: 'error', msg: 'certificate refused', code: problem.code, reason: problem.sentence },
    ]);
    const note = { type: 'Warning', reason: 'CertificateRefused', message: problem.sentence };
    expect(events).toEqual([['Namespace', 'own', 'own', 'u', note]]);
  });
});

describe('the rotation', () => {
  it('tells each step', async () => {
    const { reports, lines, events, sample } = setUp();
    const step = rotationStep.oldCaDropped();
    reports.step(step);
    expect(lines).toMatchObject([{ level: 'info', msg: 'certificate rotation', code: 'old-ca-dropped' }]);
    const note = { type: 'Normal', reason: 'CertificateRotation', message: step.sentence };
    expect(events).toEqual([['Namespace', 'own', 'own', 'u', note]]);
    expect(await sample('pullkeeper_certificate_rotation_steps_total')).toEqual([
      'pullkeeper_certificate_rotation_steps_total{code="old-ca-dropped"} 1',
    ]);
  });

  it('tells what holds it up, a conflict without an Event', async () => {
    const { reports, lines, events, sample } = setUp();
    reports.trouble(rotationTrouble.conflict('the certificate Secret'));
    expect(events).toEqual([]);
    const failed = rotationTrouble.failed('403 Forbidden');
    reports.trouble(failed);
    const note = { type: 'Warning', reason: 'CertificateRotationHeldUp', message: failed.sentence };
    expect(events).toEqual([['Namespace', 'own', 'own', 'u', note]]);
    expect(lines).toMatchObject([
      { level: 'warn', msg: 'certificate rotation held up', code: 'conflict' },
      { level: 'warn', msg: 'certificate rotation held up', code: 'failed' },
    ]);
    expect(await sample('pullkeeper_certificate_rotation_troubles_total')).toEqual([
      'pullkeeper_certificate_rotation_troubles_total{code="conflict"} 1',
      'pullkeeper_certificate_rotation_troubles_total{code="failed"} 1',
    ]);
  });
});

describe("the metrics of a certificate's health", () => {
  it('follow it: nothing yet, served, offered another that is not used, served again', async () => {
    const { reports, sample } = setUp();
    const read = async () => ({
      expiry: await sample('pullkeeper_certificate_expiry_timestamp_seconds '),
      rotation: await sample('pullkeeper_certificate_last_rotation_timestamp_seconds '),
      error: await sample('pullkeeper_certificate_last_error'),
    });
    const served = { notAfter: new Date(2_000_000), lastRotation: new Date(1_000_000), lastError: undefined };

    reports.measure({ notAfter: undefined, lastRotation: undefined, lastError: UNTRUSTED });
    expect(await read()).toEqual({
      expiry: ['pullkeeper_certificate_expiry_timestamp_seconds 0'],
      rotation: ['pullkeeper_certificate_last_rotation_timestamp_seconds 0'],
      error: ['pullkeeper_certificate_last_error{code="not-trusted"} 1'],
    });
    reports.measure({ ...served, lastError: BROKEN });
    expect(await read()).toEqual({
      expiry: ['pullkeeper_certificate_expiry_timestamp_seconds 2000'],
      rotation: ['pullkeeper_certificate_last_rotation_timestamp_seconds 1000'],
      error: ['pullkeeper_certificate_last_error{code="key-mismatch"} 1'],
    });
    reports.measure(served);
    expect((await read()).error).toEqual([]);
  });
});
