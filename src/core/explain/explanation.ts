// What `pullkeeper explain -o json` prints (docs/explain.md describes it). Fields are added, not changed, within one
// version. Nothing in it is a credential or a user name.

import type { ImageReading } from './image-reading.ts';
import type { NamespaceState } from './namespace-state.ts';
import type { NearReason } from './near-reason.ts';
import type { FoundCredential, Outcome } from './pod-keyring.ts';
import type { SecretState } from './secret-state.ts';
import type { Step } from './step.ts';
import type { Unread } from './unread.ts';
import type { WebhookAnswer } from './webhook-answer.ts';

export interface Explanation {
  readonly kind: 'PullkeeperExplanation';
  readonly version: 1;
  readonly subjects: readonly SubjectExplanation[];
  /** What could not be read: all that is said goes by the rest. */
  readonly unread: readonly Unread[];
}

/** One Pod, there or to be. */
export interface SubjectExplanation {
  readonly title: string;
  readonly namespace: { readonly name: string } & NamespaceState;
  readonly managedSecret: { readonly name: string } & SecretState;
  /** In the order of the Pod's list: one keyring is made of them. */
  readonly pullSecrets: readonly ListedSecretExplanation[];
  readonly images: readonly ImageExplanation[];
  readonly webhook: WebhookAnswer;
  /** What helps, in order; empty when nothing is amiss. */
  readonly steps: readonly Step[];
}

export type ListedSecretExplanation = {
  readonly name: string;
  /** Who put it into the list: the Pod or its template, its ServiceAccount, or the webhook. */
  readonly from: 'pod' | 'service-account' | 'webhook';
} & SecretState;

export interface ImageExplanation {
  readonly image: string;
  readonly usedBy: readonly string[];
  /** Why the kubelet waits with it, in its own word; null when it does not, or the Pod is not there. */
  readonly waiting: string | null;
  readonly reading: ImageReading;
  readonly outcome: Outcome;
  /** What the kubelet would try, in its order, over all of the Pod's pull Secrets. */
  readonly credentials: readonly CredentialPlace[];
  /** What Pullkeeper has for this image in this namespace; null: not known. */
  readonly offered: readonly Offered[] | null;
  /** Whether the managed Secret holds a credential for it; null: not known. */
  readonly inManagedSecret: boolean | null;
  readonly nearMisses: readonly NearMiss[];
  /** For a Pod that is there and lacks the reference: the outcome for the Pod that takes its place; else null. */
  readonly afterRestart: Outcome | null;
}

/** Where a credential is that the kubelet would try. */
export interface CredentialPlace extends Omit<FoundCredential, 'source'> {
  /** Null for a Secret that is not Pullkeeper's, or does not say. */
  readonly source: string | null;
}

export interface Offered {
  /** As normalised from what the source wrote. */
  readonly key: string;
  /** Null where the managed Secret does not say. */
  readonly source: string | null;
}

/** A key that does not give the image its credential although it looks so. */
export interface NearMiss {
  /** As written, cleaned; null where a whole source is refused. */
  readonly key: string | null;
  /** Where it stands: a source, or a pull Secret of the Pod's own; the other is null. */
  readonly source: string | null;
  readonly secret: string | null;
  readonly reasons: readonly NearReason[];
}
