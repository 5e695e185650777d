import { parseImage } from '../kubelet/image-reference.ts';
import { INJECT, MIRROR, type PodView } from './pod-view.ts';
import { inject, skip, type Decision } from './reasons.ts';

/** What admission knows, besides the Pod, when it decides. */
export interface DecisionInput {
  readonly pod: PodView;
  readonly secretName: string;
  /** The namespace's label `pullkeeper.dev/inject` says `always`. */
  readonly namespaceAlways: boolean;
  /** A ServiceAccount that lets its Pods use only the Secrets it lists, and does not list ours. */
  readonly strictServiceAccount: boolean;
  /** The credentials that the kubelet would find in the managed Secret for a repository name; one is enough. */
  readonly find: (imageName: string) => readonly { readonly source: string }[];
}

/**
 * Whether a Pod of an enabled namespace gets the reference. The first row that holds decides:
 *
 * | # | mirror Pod | Pod says disabled | lists the Secret | strict account | always (Pod or namespace) | an image matches | decision              |
 * |---|------------|-------------------|------------------|----------------|---------------------------|------------------|-----------------------|
 * | 1 | yes        |                   |                  |                |                           |                  | skip mirror-pod       |
 * | 2 |            | yes               |                  |                |                           |                  | skip opted-out        |
 * | 3 |            |                   | yes              |                |                           |                  | skip already-listed   |
 * | 4 |            |                   |                  | yes            |                           |                  | skip strict-account   |
 * | 5 |            |                   |                  |                |                           | yes              | inject image-matched  |
 * | 6 |            |                   |                  |                | yes                       |                  | inject always         |
 * | 7 |            |                   |                  |                |                           |                  | skip no-credential    |
 *
 * Rows 5 and 6 give the same patch; the one that says which image matched goes first. Source: docs/operations.md, "Which
 * Pods get the reference".
 */
export function decide(input: DecisionInput): Decision {
  const { pod } = input;
  if (pod.annotations[MIRROR] !== undefined) return skip.mirrorPod();
  if (pod.annotations[INJECT] === 'disabled') return skip.optedOut();
  if (pod.pullSecretNames.includes(input.secretName)) return skip.alreadyListed(input.secretName);
  if (input.strictServiceAccount) return skip.strictAccount(pod.serviceAccountName, input.secretName);
  for (const image of pod.images) {
    const reference = parseImage(image);
    if (reference.kind === 'invalid') continue;
    const [first] = input.find(reference.name);
    if (first !== undefined) return inject.imageMatched(reference.name, first.source);
  }
  if (input.namespaceAlways || pod.annotations[INJECT] === 'always') return inject.always();
  return skip.noCredential();
}
