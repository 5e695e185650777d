import { describe, expect, it } from 'vitest';
import { excludedNamespaces, readConfig } from '../src/config.ts';
import { DEFAULT_ROTATION } from '../src/core/tls/rotation-durations.ts';

describe('readConfig', () => {
  it('has a default for everything', () => {
    expect(readConfig([], {})).toEqual({
      kind: 'config',
      config: {
        kubeconfig: undefined,
        namespace: 'pullkeeper-system',
        secretName: 'pullkeeper',
        namespaceSelector: expect.anything(),
        listen: { host: undefined, port: 8443 },
        opsListen: { host: undefined, port: 8080 },
        certificate: { mode: 'self-managed', durations: DEFAULT_ROTATION, extraNames: [] },
        logLevel: 'info',
        removalGraceMs: 300_000,
        shutdownDelayMs: 12_000,
        lease: { leaseSeconds: 15, renewDeadlineMs: 10_000, retryPeriodMs: 2000 },
      },
    });
  });

  it('takes every flag from its environment variable', () => {
    const env = {
      PULLKEEPER_KUBECONFIG: '/k',
      PULLKEEPER_NAMESPACE: 'ns',
      PULLKEEPER_SECRET_NAME: 'a.b',
      PULLKEEPER_NAMESPACE_SELECTOR: 'team!=x',
      PULLKEEPER_LISTEN: '[::1]:1',
      PULLKEEPER_OPS_LISTEN: '127.0.0.1:0',
      PULLKEEPER_TLS_CERT_FILE: 'c',
      PULLKEEPER_TLS_KEY_FILE: 'k',
      PULLKEEPER_LOG_LEVEL: 'trace',
      PULLKEEPER_REMOVAL_GRACE: '1h30m',
      PULLKEEPER_SHUTDOWN_DELAY: '0s',
      PULLKEEPER_LEASE_DURATION: '3s',
      PULLKEEPER_LEASE_RENEW_DEADLINE: '2s',
      PULLKEEPER_LEASE_RETRY_PERIOD: '500ms',
    };
    expect(readConfig([], env)).toEqual({
      kind: 'config',
      config: {
        kubeconfig: '/k',
        namespace: 'ns',
        secretName: 'a.b',
        namespaceSelector: expect.anything(),
        listen: { host: '::1', port: 1 },
        opsListen: { host: '127.0.0.1', port: 0 },
        certificate: { mode: 'files', certFile: 'c', keyFile: 'k' },
        logLevel: 'trace',
        removalGraceMs: 5_400_000,
        shutdownDelayMs: 0,
        lease: { leaseSeconds: 3, renewDeadlineMs: 2000, retryPeriodMs: 500 },
      },
    });
  });

  it('tells every problem at once', () => {
    const argv = [
      '--nope',
      'stray',
      '--namespace=Not_A_Name',
      '--secret-name=-x',
      '--namespace-selector=a in (',
      '--listen=8443',
      '--ops-listen=:99999',
      '--ca-duration=a year',
      '--tls-extra-san=10.0.0.1, Web_Hook',
      '--log-level=loud',
      '--removal-grace=5',
    ];
    expect(readConfig(argv, {})).toEqual({
      kind: 'invalid',
      problems: [
        '--nope: there is no such flag; --help lists them',
        'stray: serve takes flags only',
        `--namespace: "Not_A_Name" is not a namespace's name (lower-case letters, digits and -, 63 at most)`,
        `--secret-name: "-x" is not a Secret's name (lower-case letters, digits, - and ., 253 at most)`,
        expect.stringMatching(/^--namespace-selector: /),
        '--listen: "8443" is not [HOST]:PORT, as :8443, 127.0.0.1:8443 or [::1]:8443',
        '--ops-listen: ":99999" is not [HOST]:PORT, as :8443, 127.0.0.1:8443 or [::1]:8443',
        '--ca-duration: "a year" is not a duration, as 500ms, 30s, 5m or 1h30m',
        '--tls-extra-san: "Web_Hook" is neither a DNS name (lower-case) nor an IP address',
        '--log-level: "loud" is not one of trace, debug, info, warn, error',
        '--removal-grace: "5" is not a duration, as 500ms, 30s, 5m or 1h30m',
      ],
    });
  });

  it('refuses durations of a Lease that cannot work', () => {
    expect(readConfig(['--lease-duration=2s'], {})).toEqual({
      kind: 'invalid',
      problems: ['--lease-…: the lease duration (2 s) must exceed the renew deadline (10000 ms)'],
    });
  });

  it('takes one TLS file not without the other', () => {
    expect(readConfig(['--tls-cert-file=c'], {})).toEqual({
      kind: 'invalid',
      problems: ['--tls-key-file: is missing; --tls-cert-file is of no use without it'],
    });
    expect(readConfig([], { PULLKEEPER_TLS_KEY_FILE: 'k' })).toEqual({
      kind: 'invalid',
      problems: ['--tls-cert-file: is missing; --tls-key-file is of no use without it'],
    });
  });

  it('takes durations and further names for certificates of its own', () => {
    const flags = [
      '--ca-duration=12s',
      '--leaf-duration=8s',
      '--bundle-settle=1s',
      '--ca-overlap=3s',
      '--tls-extra-san=127.0.0.1,pullkeeper.example.com,::1',
    ];
    expect(readConfig(flags, {})).toMatchObject({
      config: {
        certificate: {
          mode: 'self-managed',
          durations: { caMs: 12_000, leafMs: 8000, settleMs: 1000, overlapMs: 3000 },
          extraNames: ['127.0.0.1', 'pullkeeper.example.com', '::1'],
        },
      },
    });
  });

  it('refuses durations of certificates that cannot work', () => {
    expect(readConfig(['--leaf-duration=1s', '--ca-overlap=100ms'], {})).toEqual({
      kind: 'invalid',
      problems: [
        '--ca-duration, --leaf-duration, --bundle-settle, --ca-overlap: the leaf duration must be 3 s or more (got 1 s)',
        expect.stringContaining('the overlap (0.1 s) must be well below two thirds of the leaf duration (1 s)'),
      ],
    });
  });

  it('prints help before it complains', () => {
    const result = readConfig(['--help', '--nope'], {});
    expect(result.kind).toBe('help');
    expect(result.kind === 'help' && result.text).toContain('PULLKEEPER_TLS_CERT_FILE');
  });
});

it('never enables what the cluster itself needs', () => {
  expect([...excludedNamespaces('own')]).toEqual(['own', 'kube-system', 'kube-node-lease']);
});
