import { isRecord } from '../json-value.ts';
import { parseImage } from '../kubelet/image-reference.ts';
import { warnOfAnnotation } from '../pod/annotation-warning.ts';
import { decide } from '../pod/decision.ts';
import { addPullSecret, type PatchOperation } from '../pod/patch.ts';
import { readPod, type PodView } from '../pod/pod-view.ts';
import { skip, type Decision } from '../pod/reasons.ts';
import { forbids } from '../pod/service-account.ts';
import { displayKey, displayText } from '../sources/display.ts';
import { podOf, type Resource } from './resource.ts';
import { findServiceAccount, type ServiceAccount } from './service-account.ts';

/** What becomes of one resource. */
export type Outcome =
  | { readonly kind: 'not-a-pod-template' }
  | {
      readonly kind: 'decided';
      readonly decision: Decision;
      /** The webhook's patch of the Pod, empty when it is skipped. */
      readonly patch: readonly PatchOperation[];
      /** One sentence each: legal, and perhaps not meant. */
      readonly warnings: readonly string[];
    };

export interface OutcomeInput {
  /** The whole document that the resource stands in. */
  readonly document: unknown;
  readonly resource: Resource;
  readonly secretName: string;
  readonly accounts: readonly ServiceAccount[];
  /** As in DecisionInput. */
  readonly find: (imageName: string) => readonly { readonly source: string }[];
}

/**
 * Decides as the webhook would about the Pods of this resource, in a namespace that is enabled and does not ask for
 * `always`: which namespace it will be is not known from a manifest.
 */
export function decideResource({ document, resource, secretName, accounts, find }: OutcomeInput): Outcome {
  if (resource.podPath === undefined) return { kind: 'not-a-pod-template' };
  const object = podOf(document, resource);
  if (!isRecord(object) || !isRecord(object.spec)) {
    return { kind: 'decided', decision: skip.malformedPod('it has no spec'), patch: [], warnings: [] };
  }
  const reading = readPod(object);
  if (reading.kind === 'malformed') {
    return { kind: 'decided', decision: skip.malformedPod(reading.sentence), patch: [], warnings: [] };
  }
  const { pod } = reading;
  const account = findServiceAccount(accounts, pod, resource.namespace);
  const decision = decide({
    pod,
    secretName,
    namespaceAlways: false,
    strictServiceAccount: account !== undefined && forbids(account, secretName),
    find,
  });
  const isInjected = decision.action === 'inject';
  return {
    kind: 'decided',
    decision,
    patch: isInjected ? addPullSecret(pod, secretName) : [],
    warnings: [
      ...warnOfAnnotation(pod),
      ...warnOfImages(pod),
      ...(isInjected && account !== undefined ? warnOfAccount(pod, account, secretName) : []),
    ],
  };
}

function warnOfImages(pod: PodView): readonly string[] {
  return pod.images
    .filter((image) => parseImage(image).kind === 'invalid')
    .map((image) =>
      image.includes('{{') || image.includes('${')
        ? `image ${displayKey(image)} is no image reference: render the template before inject`
        : `image ${displayKey(image)} is no image reference: the kubelet would answer InvalidImageName`,
    );
}

/** k8s.io/kubernetes/plugin/pkg/admission/serviceaccount: the account's list is copied into a Pod whose own is empty. */
function warnOfAccount(pod: PodView, account: ServiceAccount, secretName: string): readonly string[] {
  const lost = account.pullSecretNames.filter((name) => name !== secretName);
  if (lost.length === 0 || pod.pullSecretNames.length > 0) return [];
  return [
    `ServiceAccount ${displayText(account.name)} lists ${displayText(lost.join(', '))} in its imagePullSecrets, and Kubernetes copies them only into Pods without a list of their own, which these have now: write them into the Pod template too`,
  ];
}
