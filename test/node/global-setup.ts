import type { TestProject } from 'vitest/node';
import { ensurePrograms } from '../../tools/programs/ensure-programs.ts';
import { nodePrograms, runtimePrograms } from '../../tools/cluster/node/programs.ts';
import { controlPlanePrograms } from '../../tools/cluster/programs.ts';
import { ensurePullkeeperImage } from '../../tools/image/cached-image.ts';
import { ensureHelm } from '../../tools/chart/helm.ts';
import { findProblem } from './problem.ts';

declare module 'vitest' {
  // eslint-disable-next-line no-unused-vars
  export interface ProvidedContext {
    /** The archive of our own image. */
    pullkeeperImage: string;
  }
}

/** Builds the programs and our image before the first test: that can take minutes, which no test's time limit allows. */
export async function setup({ provide }: TestProject): Promise<void> {
  const problem = await findProblem();
  if (problem !== undefined) {
    process.stderr.write(`All tests on a node are skipped. ${problem}\n`);
    return;
  }
  await ensurePrograms(await controlPlanePrograms());
  await ensurePrograms(await nodePrograms());
  await ensurePrograms(runtimePrograms());
  await ensureHelm();
  // Handed on: the sources may change while the tests run.
  provide('pullkeeperImage', await ensurePullkeeperImage(process.env));
}
