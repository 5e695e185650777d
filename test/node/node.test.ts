import { afterAll, beforeAll, describe } from 'vitest';
import { findNodeProblem } from '../../tools/cluster/node/requirements.ts';
import { describePulls } from './pulls.ts';
import { startWorld, type World } from './world.ts';

const problem = await findNodeProblem(process.env);

// One file: a node is too heavy for more than one, and uninstalling comes last. The scenarios are in files of their own.
describe.skipIf(problem !== undefined)(`on a node${problem === undefined ? '' : `: ${problem}`}`, () => {
  let world: World | undefined;

  beforeAll(async () => {
    world = await startWorld();
  });

  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  function the(): World {
    if (world === undefined) throw new Error('the node has not started');
    return world;
  }

  describePulls(the);
});
