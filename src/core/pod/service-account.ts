import { isRecord } from '../json-value.ts';
import { readPullSecretNames } from './pull-secret-names.ts';

/** What a ServiceAccount means for the pull Secrets of its Pods. */
export interface Account {
  readonly pullSecretNames: readonly string[];
  /** Its Pods may refer only to the pull Secrets that it lists itself. */
  readonly isStrict: boolean;
}

/** k8s.io/kubernetes/plugin/pkg/admission/serviceaccount, EnforceMountableSecretsAnnotation. */
const ENFORCE_ANNOTATION = 'kubernetes.io/enforce-mountable-secrets';

export function readAccount(object: unknown): Account {
  const account = isRecord(object) ? object : {};
  const annotations = isRecord(account.metadata) ? account.metadata.annotations : undefined;
  return {
    pullSecretNames: readPullSecretNames(account.imagePullSecrets),
    isStrict: isRecord(annotations) && annotations[ENFORCE_ANNOTATION] === 'true',
  };
}

/** Whether the API server would refuse a Pod of this account that refers to the Secret. */
export function forbids({ isStrict, pullSecretNames }: Account, secretName: string): boolean {
  return isStrict && !pullSecretNames.includes(secretName);
}
