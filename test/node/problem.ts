import { findNodeProblem } from '../../tools/cluster/node/requirements.ts';
import { findImageProblem } from '../../tools/image/cached-image.ts';

/** Why these tests cannot run here, with the command that helps; undefined when they can. */
export async function findProblem(): Promise<string | undefined> {
  return (await findNodeProblem(process.env)) ?? (await findImageProblem(process.env));
}
