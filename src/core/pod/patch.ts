import type { PodView } from './pod-view.ts';

/** RFC 6902, the two shapes we make. */
export interface PatchOperation {
  readonly op: 'add';
  readonly path: '/spec/imagePullSecrets' | '/spec/imagePullSecrets/-';
  readonly value: PullSecretReference | readonly PullSecretReference[];
}

interface PullSecretReference {
  readonly name: string;
}

/**
 * Adds one reference at the end; nothing else is touched. It can always be applied to the Pod that was read: the list is
 * made where there is none, and appended to where there is one (the API server rejects a Pod whose patch does not apply).
 */
export function addPullSecret(pod: Pick<PodView, 'hasPullSecretList'>, secretName: string): readonly PatchOperation[] {
  const reference = { name: secretName };
  return pod.hasPullSecretList
    ? [{ op: 'add', path: '/spec/imagePullSecrets/-', value: reference }]
    : [{ op: 'add', path: '/spec/imagePullSecrets', value: [reference] }];
}
