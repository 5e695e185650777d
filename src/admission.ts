import { INJECT } from './core/pod/pod-view.ts';
import type { Admission, NamespaceState } from './http/mutate.ts';
import type { NamespaceLookup } from './kube/namespaces.ts';
import type { DesiredState, Namespace } from './reconcile/desired-state.ts';
import type { Ensure } from './reconcile/ensure.ts';
import type { LiveSecrets } from './reconcile/live-secrets.ts';

export interface AdmissionOptions {
  readonly secretName: string;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly lookup: NamespaceLookup;
  readonly desired: DesiredState;
  readonly live: Pick<LiveSecrets, 'get'>;
  readonly ensure: Ensure;
  readonly isStrictAccount: Admission['isStrictAccount'];
}

/** What the webhook decides from: the watches' memory, and one GET where the API server may know more than they do. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { desired } = options;

  function enabled(namespace: Namespace): NamespaceState {
    return {
      kind: 'enabled',
      always: namespace.labels[INJECT] === 'always',
      find: (imageName) => desired.find(namespace, options.live.get(namespace.name), imageName),
      ensureSecret: (dryRun) => options.ensure(namespace, dryRun),
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
    isStrictAccount: options.isStrictAccount,
  };
}
