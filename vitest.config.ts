import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Two cores are what CI has; a control plane of its own per file makes more than that a queue, not a speed-up.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{cluster,faults,node}/**'],
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: ['test/cluster/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
