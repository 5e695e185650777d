import { isRecord } from '../json-value.ts';
import type { PodView } from '../pod/pod-view.ts';
import type { Resource } from './resource.ts';

/** What a ServiceAccount among the manifests means for its Pods' pull Secrets. */
export interface ServiceAccount {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly pullSecretNames: readonly string[];
  /** Its Pods may refer only to the pull Secrets that it lists itself. */
  readonly strict: boolean;
}

/** k8s.io/kubernetes/plugin/pkg/admission/serviceaccount, EnforceMountableSecretsAnnotation. */
const ENFORCE_ANNOTATION = 'kubernetes.io/enforce-mountable-secrets';

/** The ServiceAccounts among these resources. */
export function collectServiceAccounts(resources: readonly Resource[]): readonly ServiceAccount[] {
  return resources
    .filter(({ type }) => type === '/ServiceAccount')
    .map(({ name, namespace, object }) => ({
      name,
      namespace,
      pullSecretNames: (Array.isArray(object.imagePullSecrets) ? object.imagePullSecrets : []).flatMap(
        (entry: unknown) => (isRecord(entry) && typeof entry.name === 'string' ? [entry.name] : []),
      ),
      strict: readAnnotation(object, ENFORCE_ANNOTATION) === 'true',
    }));
}

function readAnnotation(object: Readonly<Record<string, unknown>>, name: string): unknown {
  const { metadata } = object;
  return isRecord(metadata) && isRecord(metadata.annotations) ? metadata.annotations[name] : undefined;
}

/**
 * The account a Pod runs as, if it is among the manifests. A namespace that one of the two leaves open is taken for the
 * other's: both are applied together.
 */
export function findServiceAccount(
  accounts: readonly ServiceAccount[],
  pod: PodView,
  namespace: string | undefined,
): ServiceAccount | undefined {
  const name = pod.serviceAccountName === '' ? 'default' : pod.serviceAccountName;
  return accounts.find(
    (account) =>
      account.name === name &&
      (account.namespace === undefined || namespace === undefined || account.namespace === namespace),
  );
}
