import type { Found } from '../core/explain/facts.ts';
import { unread, type Readable, type Unread } from '../core/explain/unread.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/kube-error.ts';
import { listWhole } from '../kube/whole-list.ts';

/** Reads objects as the caller. Never rejects: what could not be read is 'unread', and why is kept. */
export interface ClusterReader {
  get(what: Readable, path: string): Promise<Found<unknown>>;
  /** All pages; 'unread' when one of them could not be read. */
  list(what: Readable, path: string, options?: ListOptions): Promise<Found<readonly unknown[]>>;
  unread(): readonly Unread[];
  failure(): string | undefined;
}

export interface ListOptions {
  readonly fieldSelector?: string;
  readonly accept?: string;
}

/** Once nobody answers, nobody is asked again: a person waits for this. */
export function createClusterReader(call: KubeClient['call']): ClusterReader {
  const told = new Map<string, Unread>();
  let failure: string | undefined;

  function tell(entry: Unread): { readonly kind: 'unread' } {
    if (!told.has(entry.what)) told.set(entry.what, entry);
    return { kind: 'unread' };
  }

  async function attempt<T>(what: Readable, read: () => Promise<T>): Promise<Found<T>> {
    if (failure !== undefined) return { kind: 'unread' };
    try {
      return { kind: 'found', value: await read() };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.status === 404) return { kind: 'missing' };
      if (error.status === 403) return tell(unread.forbidden(what));
      if (error.status !== 0 && error.status !== 401) return tell(unread.failed(what, describeStatus(error)));
      failure ??= error.status === 401 ? 'the API server does not know the caller (401)' : error.message;
      return tell(unread.failed({ what: 'the cluster', who: '' }, failure));
    }
  }

  return {
    get: (what, path) => attempt(what, () => call({ method: 'GET', path })),
    list: (what, path, { fieldSelector, accept } = {}) =>
      attempt(what, () =>
        listWhole(call, { path, query: { fieldSelector }, ...(accept === undefined ? {} : { accept }) }),
      ),
    unread: () => [...told.values()],
    failure: () => failure,
  };
}

/** The message of an answer may quote more than its reader knows to be harmless; its reason is one word. */
function describeStatus({ status, reason }: KubeError): string {
  return `the API server answered ${status} (${reason})`;
}
