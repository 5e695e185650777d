import type { Clock } from '../core/clock.ts';
import { createTokenBuckets, type BucketLimits } from '../core/token-buckets.ts';
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

/** A namespace as the API server has it now; 'none' when there is none, 'unknown' when it was not asked, or not in time. */
export type NamespaceAnswer = NamespaceRecord | 'none' | 'unknown';

export interface NamespaceLookup {
  /** @param from whom the request comes from that needs to know */
  ask(name: string, from: string): Promise<NamespaceAnswer>;
}

export interface NamespaceLookupOptions {
  readonly client: Pick<KubeClient, 'call'>;
  readonly clock: Clock;
  readonly isEnabled: (namespace: NamespaceRecord) => boolean;
  readonly limits?: NamespaceLookupLimits;
}

export interface NamespaceLookupLimits {
  /** That a namespace is enabled holds this long: Pods into a new one need not each ask while the watch lags. */
  readonly rememberMs: number;
  /** Anyone who reaches the port can name namespaces: what that costs the API server is bounded. */
  readonly perSecond: number;
  /** One client's share of it: half, so that a flood from one address leaves the API servers the other. */
  readonly perSecondFromOne: number;
  readonly timeoutMs: number;
}

const DEFAULT_LIMITS: NamespaceLookupLimits = {
  rememberMs: 1000,
  perSecond: 20,
  perSecondFromOne: 10,
  timeoutMs: 800,
};

/**
 * Asks the API server for one namespace, for a request whose namespace the watch has not told of (yet): the API server
 * calls only for namespaces that it sees as enabled, so it may be ahead of the watch. One question at a time per name. The
 * answer that a namespace is not enabled, or not there, counts only if it was asked after the request came: the namespace
 * may have been enabled since, and somebody may have asked just before on purpose.
 */
export function createNamespaceLookup(options: NamespaceLookupOptions): NamespaceLookup {
  const { client, clock, isEnabled, limits = DEFAULT_LIMITS } = options;
  const questions = new Map<string, Promise<NamespaceAnswer>>();
  const enabled = new Map<string, { readonly until: number; readonly namespace: NamespaceRecord }>();
  const budget = createTokenBuckets(perSecond(limits.perSecond));
  const shares = createTokenBuckets(perSecond(limits.perSecondFromOne));

  async function get(name: string): Promise<NamespaceAnswer> {
    try {
      const path = `/api/v1/namespaces/${encodeURIComponent(name)}`;
      const object = await client.call({ method: 'GET', path, timeoutMs: limits.timeoutMs });
      return readNamespace(object, readObjectMeta(object));
    } catch (error) {
      return isKubeError(error, 404) ? 'none' : 'unknown';
    }
  }

  async function getAndRemember(name: string): Promise<NamespaceAnswer> {
    const answer = await get(name);
    const now = clock.now();
    // At most perSecond × rememberMs are alive: whatever is older goes.
    for (const [key, { until }] of enabled) if (until <= now) enabled.delete(key);
    if (isAnEnabled(answer)) enabled.set(name, { until: now + limits.rememberMs, namespace: answer });
    return answer;
  }

  function isAnEnabled(answer: NamespaceAnswer | undefined): answer is NamespaceRecord {
    return typeof answer === 'object' && isEnabled(answer);
  }

  return {
    ask: async (name, from) => {
      const known = enabled.get(name);
      if (known !== undefined && known.until > clock.now()) return known.namespace;
      const earlier = await questions.get(name);
      if (earlier === 'unknown' || isAnEnabled(earlier)) return earlier;
      // Begun meanwhile by another who waited for the same.
      const question = questions.get(name);
      if (question !== undefined) return question;
      const now = clock.now();
      if (shares.take(from, now) > 0 || budget.take('', now) > 0) return 'unknown';
      const asked = getAndRemember(name).finally(() => questions.delete(name));
      questions.set(name, asked);
      return asked;
    },
  };
}

function perSecond(times: number): BucketLimits {
  return { burst: times, intervalMs: 1000 / times };
}
