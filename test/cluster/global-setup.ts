import type { TestProject } from 'vitest/node';
import { ensureHelm } from '../../tools/chart/helm.ts';
import { ensureControlPlane } from '../../tools/cluster/programs.ts';
import { provideBundle } from './bundle.ts';

/** Builds the programs before the first test: that can take minutes, which no test's time limit allows. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await ensureControlPlane();
  await ensureHelm();
  return provideBundle(project);
}
