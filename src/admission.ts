import { INJECT } from './core/pod/pod-view.ts';
import type { Admission, NamespaceState } from './http/mutate.ts';
import type { NamespaceArrivals } from './kube/namespace-arrivals.ts';
import type { NamespaceLookup } from './kube/namespaces.ts';
import type { DesiredState, Namespace } from './reconcile/desired-state.ts';
import type { Ensure } from './reconcile/ensure.ts';
import type { LiveSecrets } from './reconcile/live-secrets.ts';

export interface AdmissionOptions {
  readonly secretName: string;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly lookup: NamespaceLookup;
  readonly arrivals: NamespaceArrivals;
  readonly desired: Pick<DesiredState, 'isEnabled' | 'find'>;
  readonly live: Pick<LiveSecrets, 'get'>;
  readonly ensure: Ensure;
  readonly isStrictAccount: Admission['isStrictAccount'];
}

/** What the webhook asks when it decides, answered from the watches' memory. */
export interface LiveAdmission extends Admission {
  /** The watch told of this namespace. */
  namespaceChanged(name: string): void;
}

/**
 * A namespace that the watches know as enabled is answered from memory. Of any other the API server may know more, since it
 * calls the webhook for enabled namespaces only: it is asked, and what the watch brings meanwhile counts as well. When a
 * flood of names has used up the questions that may be asked, only the watch is waited for, for a moment.
 */
export function createAdmission(options: AdmissionOptions): LiveAdmission {
  const { desired } = options;

  function enabled(namespace: Namespace): NamespaceState {
    return {
      kind: 'enabled',
      always: namespace.labels[INJECT] === 'always',
      find: (imageName) => desired.find(namespace, options.live.get(namespace.name), imageName),
      ensureSecret: (dryRun) => options.ensure(namespace, dryRun),
    };
  }

  function findEnabled(name: string): NamespaceState | undefined {
    const known = options.namespaces.get(name);
    return known !== undefined && desired.isEnabled(known) ? enabled(known) : undefined;
  }

  async function findOut(name: string, client: string): Promise<NamespaceState> {
    const arrival = options.arrivals.expect(name, client);
    const asked = options.lookup.ask(name, client).then((answer) => (answer === 'unknown' ? arrival.over : answer));
    const answer = await Promise.race([arrival.over, asked]);
    arrival.leave();
    const told = findEnabled(name);
    if (told !== undefined) return told;
    if (answer === undefined) return { kind: 'unknown' };
    return answer !== 'none' && desired.isEnabled(answer) ? enabled(answer) : { kind: 'not-enabled' };
  }

  return {
    secretName: options.secretName,
    namespaceState: async (name, client) => findEnabled(name) ?? findOut(name, client),
    isStrictAccount: options.isStrictAccount,
    namespaceChanged: (name) => {
      if (findEnabled(name) !== undefined) options.arrivals.tell(name);
    },
  };
}
