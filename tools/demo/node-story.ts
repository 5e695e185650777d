import type { NodeCluster } from '../cluster/node/start-node.ts';
import type { Step } from './step.ts';
import { install, withoutPullkeeper } from './steps/node-install.ts';
import { allRun, deploymentRuns, privateImageRuns, restarted, twoRegistries } from './steps/node-pods.ts';
import { pulledAgain, refusedPassword } from './steps/node-rotation.ts';
import { deployment, privateImage, publicImage, unlabelledNamespace } from './steps/pods.ts';
import { badSource, enabledNamespace, firstSource, rotation, scope } from './steps/sources.ts';
import { fewRights, noPasswordShown } from './steps/trust.ts';

/** The story, where images are pulled and Pods run. */
export function createNodeStory({ harbor }: NodeCluster): readonly Step[] {
  return [
    withoutPullkeeper,
    install,
    fewRights,
    firstSource,
    badSource,
    enabledNamespace,
    privateImage,
    privateImageRuns,
    deployment,
    deploymentRuns,
    publicImage,
    unlabelledNamespace,
    scope,
    refusedPassword(harbor),
    rotation,
    pulledAgain,
    twoRegistries,
    restarted,
    noPasswordShown,
    allRun,
  ];
}
