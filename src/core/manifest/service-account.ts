import type { PodView } from '../pod/pod-view.ts';
import { readAccount, type Account } from '../pod/service-account.ts';
import type { Resource } from './resource.ts';

/** A ServiceAccount among the manifests. */
export interface ServiceAccount extends Account {
  readonly name: string;
  readonly namespace: string | undefined;
}

/** The ServiceAccounts among these resources. */
export function collectServiceAccounts(resources: readonly Resource[]): readonly ServiceAccount[] {
  return resources
    .filter(({ type }) => type === '/ServiceAccount')
    .map(({ name, namespace, object }) => ({ name, namespace, ...readAccount(object) }));
}

/**
 * The account a Pod runs as, if it is among the manifests. Where only one of the two names a namespace, both are taken to
 * be in it: they are applied together.
 */
export function findServiceAccount(
  accounts: readonly ServiceAccount[],
  { serviceAccountName }: PodView,
  namespace: string | undefined,
): ServiceAccount | undefined {
  return accounts.find(
    (account) =>
      account.name === serviceAccountName &&
      (account.namespace === undefined || namespace === undefined || account.namespace === namespace),
  );
}
