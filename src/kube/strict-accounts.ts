import { backoffMs } from '../core/backoff.ts';
import type { Clock, Random } from '../core/clock.ts';
import { readAccount } from '../core/pod/service-account.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './kube-error.ts';
import type { ObjectMeta } from './object-meta.ts';

/** ServiceAccounts are watched as metadata alone: thousands of them cost little, and their Secrets' names stay unread. */
export const METADATA_ONLY = {
  list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  watch: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
};

/** After a start there may be thousands to read: a few at a time, beside all else that the API server is asked. */
const MOST_READERS = 4;
/** Until the list is known no Pod of the account gets its reference, so the next try must not be long in coming. */
const RETRY = { baseMs: 200, maxMs: 2000 };

/** A ServiceAccount whose Pods may refer only to the pull Secrets that it lists itself. */
export interface StrictAccount {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Keeps the strict ones, by `namespace/name`. */
export function readStrictAccount(object: unknown, meta: ObjectMeta): StrictAccount | undefined {
  if (!readAccount(object).isStrict) return undefined;
  return { uid: meta.uid, resourceVersion: meta.resourceVersion };
}

/** Knows which ServiceAccounts would have the API server refuse a Pod that refers to the managed Secret. */
export interface StrictAccounts {
  /** A strict account was made or changed: its list of pull Secrets is read. */
  changed(key: string): void;
  /** Whether a Pod of this account must be left alone. An account whose list is not known yet: yes. */
  refuses(namespace: string, account: string): boolean;
}

export function createStrictAccounts(options: {
  readonly client: Pick<KubeClient, 'call'>;
  readonly secretName: string;
  readonly strict: ReadonlyMap<string, StrictAccount>;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}): StrictAccounts {
  const { client, strict, clock, signal } = options;
  /** Whether our Secret is on an account's list, for each version of an account whose list was read. */
  const lists = new WeakMap<StrictAccount, boolean>();
  const waiting = new Set<string>();
  let readers = 0;

  async function readAll(): Promise<void> {
    readers++;
    for (const key of waiting) {
      waiting.delete(key);
      await read(key);
    }
    readers--;
  }

  async function read(key: string): Promise<void> {
    const [namespace, name] = key.split('/');
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace ?? '')}/serviceaccounts/${encodeURIComponent(name ?? '')}`;
    for (let failures = 0; !signal.aborted;) {
      const account = strict.get(key);
      if (account === undefined) return;
      try {
        const answer = await client.call({ method: 'GET', path, signal });
        lists.set(account, readAccount(answer).pullSecretNames.includes(options.secretName));
        return;
      } catch (error) {
        if (isKubeError(error, 404)) return;
        failures++;
        await clock.sleep(backoffMs(RETRY, failures, options.random, undefined), signal);
      }
    }
  }

  return {
    changed: (key) => {
      waiting.add(key);
      if (readers < MOST_READERS) void readAll();
    },
    refuses: (namespace, account) => {
      const found = strict.get(`${namespace}/${account}`);
      return found !== undefined && lists.get(found) !== true;
    },
  };
}
