import { ensureHelm } from '../../tools/chart/helm.ts';
import { ensureControlPlane } from '../../tools/cluster/programs.ts';

/** Builds the control plane's programs before the first test: that can take minutes, which no test's time limit allows. */
export async function setup(): Promise<void> {
  await ensureControlPlane();
  await ensureHelm();
}
