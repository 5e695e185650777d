import { INJECT } from './core/pod/pod-view.ts';
import type { Admission, NamespaceState } from './http/mutate.ts';
import type { NamespaceLookup } from './kube/namespaces.ts';
import type { DesiredState, Namespace } from './reconcile/desired-state.ts';
import type { Reconciler } from './reconcile/reconciler.ts';

/** A Secret is created before the Pod is answered within this long; webhooks have 3 s (timeoutSeconds), a GET comes before. */
const CREATE_MS = 800;

export interface AdmissionOptions {
  readonly secretName: string;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly lookup: NamespaceLookup;
  readonly desired: DesiredState;
  readonly reconciler: Reconciler;
}

/** What the webhook decides from: the watches' memory, and one GET where the API server may know more than they do. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { desired } = options;

  function enabled(namespace: Namespace): NamespaceState {
    return {
      kind: 'enabled',
      always: namespace.labels[INJECT] === 'always',
      find: (imageName) => desired.keyring(namespace).find(imageName),
      ensureSecret: (dryRun) => options.reconciler.ensure(namespace, dryRun, CREATE_MS),
    };
  }

  return {
    secretName: options.secretName,
    namespaceState: async (name) => {
      const known = options.namespaces.get(name);
      if (known !== undefined && desired.isEnabled(known)) return enabled(known);
      const answer = await options.lookup.ask(name);
      if (answer === 'unknown') return { kind: 'unknown' };
      return answer !== 'none' && desired.isEnabled(answer) ? enabled(answer) : { kind: 'not-enabled' };
    },
    isStrictAccount: () => false,
  };
}
