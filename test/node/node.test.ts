import { afterAll, beforeAll, describe } from 'vitest';
import { describeImagesOnTheNode } from './images-on-the-node.ts';
import { describeLaterImages } from './later-images.ts';
import { describeOwnSecrets } from './own-secrets.ts';
import { findProblem } from './problem.ts';
import { describePulls } from './pulls.ts';
import { describeReplicas } from './replicas.ts';
import { describeRotation } from './rotation.ts';
import { describeUninstall } from './uninstall.ts';
import { startWorld, type World } from './world.ts';

const problem = await findProblem();

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
  describeLaterImages(the);
  describeOwnSecrets(the);
  describeImagesOnTheNode(the);
  describeRotation(the);
  describeReplicas(the);
  describeUninstall(the);
});
