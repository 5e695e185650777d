import { warnOfAnnotation } from '../core/pod/annotation-warning.ts';
import { decide } from '../core/pod/decision.ts';
import { addPullSecret } from '../core/pod/patch.ts';
import { skip, type Decision } from '../core/pod/reasons.ts';
import type { AdmissionAnswer } from './admission-review.ts';
import type { PodReview } from './pod-review.ts';

/** What is known of a request's namespace. */
export type NamespaceState =
  | {
      readonly kind: 'enabled';
      readonly always: boolean;
      /** The credentials that the kubelet would find in what the managed Secret should hold, in its order. */
      readonly find: (imageName: string) => readonly { readonly source: string }[];
      /** Makes sure that the managed Secret is there before a Pod that needs it is answered; never rejects. */
      readonly ensureSecret: (dryRun: boolean) => Promise<SecretState>;
    }
  | { readonly kind: 'not-enabled' }
  /** It could not be asked for in time. */
  | { readonly kind: 'unknown' };

/** The state of the managed Secret once the webhook has made sure of it. */
export type SecretState =
  | { readonly kind: 'present' | 'created' | 'dry-run' }
  /** The name is taken by a Secret that is not ours. */
  | { readonly kind: 'foreign' }
  /** Not created (yet); the reference is added all the same, since the Secret follows. `sentence` says why. */
  | { readonly kind: 'failed'; readonly sentence: string };

/** What the webhook needs of the rest of the program. */
export interface Admission {
  readonly secretName: string;
  /** @param client the address that the request comes from: what strangers may cost is shared out by it */
  namespaceState(namespace: string, client: string): Promise<NamespaceState>;
  isStrictAccount(namespace: string, serviceAccount: string): boolean;
}

/** One request's whole outcome: the answer, and what the log and the metrics say of it. */
export interface MutateOutcome {
  readonly answer: AdmissionAnswer;
  readonly decision: Decision;
  readonly secret: SecretState['kind'] | 'not-needed';
}

/** Decides on one review. Never denies; rejects only when a dependency breaks its word (see server.ts). */
export async function mutate(review: PodReview, client: string, admission: Admission): Promise<MutateOutcome> {
  if (review.subject.kind === 'none') return skipped(review.subject.decision);
  const { pod } = review.subject;
  const namespace = await admission.namespaceState(review.namespace, client);
  if (namespace.kind === 'not-enabled') return skipped(skip.namespaceNotEnabled(review.namespace));
  if (namespace.kind === 'unknown') return skipped(skip.namespaceUnknown(review.namespace));

  const decision = decide({
    pod,
    secretName: admission.secretName,
    namespaceAlways: namespace.always,
    strictServiceAccount: admission.isStrictAccount(review.namespace, pod.serviceAccountName),
    find: namespace.find,
  });
  const warnings = warnOfAnnotation(pod);
  if (decision.action === 'skip') return skipped(decision, warnings);

  const secret = await namespace.ensureSecret(review.dryRun);
  if (secret.kind === 'foreign') return skipped(skip.foreignSecret(review.namespace, admission.secretName));
  const late =
    secret.kind === 'failed'
      ? [`Secret ${review.namespace}/${admission.secretName} is not there yet: ${secret.sentence}`]
      : [];
  return {
    answer: {
      allowed: true,
      patch: addPullSecret(pod, admission.secretName),
      warnings: [...warnings, ...late].map(sign),
      auditAnnotations: { decision: decision.code },
    },
    decision,
    secret: secret.kind,
  };
}

/** The answer when the work itself failed: the Pod goes on unpatched. */
export function internalError(): MutateOutcome {
  return skipped(skip.internalError());
}

function skipped(decision: Decision, warnings: readonly string[] = []): MutateOutcome {
  const own = decision.action === 'skip' && decision.warn ? [decision.sentence] : [];
  return {
    answer: { allowed: true, warnings: [...own, ...warnings].map(sign), auditAnnotations: { decision: decision.code } },
    decision,
    secret: 'not-needed',
  };
}

/** Whoever creates a Pod sees warnings of several webhooks beside each other. */
function sign(sentence: string): string {
  return `pullkeeper: ${sentence}`;
}
