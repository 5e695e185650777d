import { defineConfig } from 'vitest/config';

/** Where `.ci/run` gathers what each run of the test runner counted. */
const reports = process.env['PULLKEEPER_TEST_REPORTS'];

/** For what a test waits for on a machine that does much else; how fast it is to be is said where that is what is tested. */
const PATIENT = { poll: { timeout: 20_000 } };

/**
 * Most of the processors' time goes to Kubernetes' own programs. Collecting garbage at four times Go's default takes a tenth of
 * that away, for 120 MB more in an API server.
 */
const GO = { GOGC: '400' };

export default defineConfig({
  test: {
    reporters:
      reports === undefined ? ['default'] : ['default', ['json', { outputFile: `${reports}/${process.pid}.json` }]],
    // Whole values in what a failed test says: of a run elsewhere, its message is all there is to see.
    chaiConfig: { truncateThreshold: 0 },
    // Two cores are what CI has. A control plane's tests wait for about half of their time: of two files at a time they leave
    // those cores idle by half, of three by a tenth; more than that is a queue, not a speed-up.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{cert-manager,cluster,faults,load,node}/**'],
          expect: PATIENT,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: ['test/cluster/global-setup.ts'],
          env: GO,
          expect: PATIENT,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: ['test/cluster/global-setup.ts'],
          // The longest: a fault of PULLKEEPER_FAULT_SECONDS, a takeover, and hundreds of namespaces on a busy machine.
          expect: PATIENT,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'load',
          include: ['test/load/**/*.test.ts'],
          globalSetup: ['test/cluster/global-setup.ts'],
          // After the faults, with nothing else beside them: each has limits of a second or two, which are not to be missed
          // because somebody else needed the processors. Together they leave half of those idle.
          sequence: { groupOrder: 1 },
          expect: PATIENT,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'cert-manager',
          include: ['test/cert-manager/**/*.test.ts'],
          globalSetup: ['test/cert-manager/global-setup.ts'],
          env: GO,
          expect: PATIENT,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'node',
          include: ['test/node/**/*.test.ts'],
          globalSetup: ['test/node/global-setup.ts'],
          env: GO,
          // One node at a time.
          fileParallelism: false,
          expect: PATIENT,
          testTimeout: 90_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
