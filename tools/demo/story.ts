import { createdBefore, deployment, privateImage, publicImage, unlabelledNamespace } from './steps/pods.ts';
import { badSource, enabledNamespace, firstSource, rotation, scope } from './steps/sources.ts';
import { fewRights, noPasswordShown } from './steps/trust.ts';
import type { Step } from './step.ts';

/** In the order in which they are shown; each finds what those before it have made. */
export const STORY: readonly Step[] = [
  fewRights,
  firstSource,
  badSource,
  enabledNamespace,
  privateImage,
  deployment,
  publicImage,
  unlabelledNamespace,
  scope,
  rotation,
  createdBefore,
  noPasswordShown,
];
