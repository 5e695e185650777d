import type { TestProject } from 'vitest/node';
import { certManagerPrograms } from '../../tools/cert-manager/programs.ts';
import { ensureHelm } from '../../tools/chart/helm.ts';
import { controlPlanePrograms } from '../../tools/cluster/programs.ts';
import { ensurePrograms } from '../../tools/programs/ensure-programs.ts';
import { provideBundle } from '../cluster/bundle.ts';

/** Builds everything before the first test: that can take minutes, which no test's time limit allows. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await ensurePrograms(await controlPlanePrograms());
  await ensureHelm();
  await ensurePrograms(certManagerPrograms());
  return provideBundle(project);
}
