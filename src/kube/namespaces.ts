import type { Clock } from '../core/clock.ts';
import { createTokenBuckets } from '../core/token-buckets.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './kube-error.ts';
import { readObjectMeta, type ObjectMeta } from './object-meta.ts';

/** What is kept of a namespace. */
export interface NamespaceRecord {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly uid: string;
  readonly deleting: boolean;
}

export function readNamespace(_object: unknown, meta: ObjectMeta): NamespaceRecord {
  return { name: meta.name, labels: meta.labels, uid: meta.uid, deleting: meta.deleting };
}

/** A namespace as the API server has it now; 'none' when there is none, 'unknown' when it could not be asked in time. */
export type NamespaceAnswer = NamespaceRecord | 'none' | 'unknown';

export interface NamespaceLookup {
  ask(name: string): Promise<NamespaceAnswer>;
}

export interface NamespaceLookupLimits {
  /** An answer holds this long: a burst of Pods into one new namespace asks once. */
  readonly rememberMs: number;
  /** Anyone who reaches the port can name namespaces: what that costs the API server is bounded. */
  readonly perSecond: number;
  readonly timeoutMs: number;
}

const DEFAULT_LIMITS: NamespaceLookupLimits = { rememberMs: 1000, perSecond: 20, timeoutMs: 800 };

/**
 * Asks the API server for one namespace, for a request whose namespace the watch has not told of (yet): the API server
 * calls only for namespaces that it sees as enabled, so it may be ahead of the watch. One question at a time per name.
 */
export function createNamespaceLookup(
  client: Pick<KubeClient, 'call'>,
  clock: Clock,
  limits: NamespaceLookupLimits = DEFAULT_LIMITS,
): NamespaceLookup {
  const answers = new Map<string, { readonly until: number; readonly answer: Promise<NamespaceAnswer> }>();
  const budget = createTokenBuckets({ burst: limits.perSecond, intervalMs: 1000 / limits.perSecond });

  async function get(name: string): Promise<NamespaceAnswer> {
    try {
      const path = `/api/v1/namespaces/${encodeURIComponent(name)}`;
      const object = await client.call({ method: 'GET', path, timeoutMs: limits.timeoutMs });
      return readNamespace(object, readObjectMeta(object));
    } catch (error) {
      return isKubeError(error, 404) ? 'none' : 'unknown';
    }
  }

  return {
    ask: (name) => {
      const now = clock.now();
      const known = answers.get(name);
      if (known !== undefined && known.until > now) return known.answer;
      if (budget.take('', now) > 0) return Promise.resolve('unknown');
      // At most perSecond × rememberMs answers are alive: whatever is older goes.
      for (const [key, { until }] of answers) if (until <= now) answers.delete(key);
      const answer = get(name);
      answers.set(name, { until: now + limits.rememberMs, answer });
      return answer;
    },
  };
}
