import { findNodeProblem } from '../../tools/cluster/node/requirements.ts';
import { findEngine } from '../../tools/image/engine.ts';

/** Why these tests cannot run here, with the command that helps; undefined when they can. */
export async function findProblem(): Promise<string | undefined> {
  const problem = await findNodeProblem(process.env);
  if (problem !== undefined || process.env['PULLKEEPER_TEST_IMAGE'] !== undefined) return problem;
  return findEngine().then(
    () => undefined,
    (error: Error) => error.message,
  );
}
