import { findNodeProblem } from '../../tools/cluster/node/requirements.ts';
import { missingForImage } from '../../tools/image/cached-image.ts';

/** Why these tests cannot run here, with the one command that helps; undefined when they can. */
export async function findProblem(): Promise<string | undefined> {
  return findNodeProblem(process.env, await missingForImage(process.env));
}
