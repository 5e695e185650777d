import type { KubeClient, KubeRequest } from './client.ts';
import { isKubeError, TOO_LARGE } from './kube-error.ts';
import { readListPage, type ListPage } from './object-meta.ts';
import { createPageSize, type PageBounds } from './page-size.ts';

/** What is listed. */
export interface ListSubject {
  readonly client: Pick<KubeClient, 'call'>;
  readonly path: string;
  readonly fieldSelector?: string;
  /** Media types to ask for, where it is not whole objects. */
  readonly accept?: { readonly list: string };
}

/** The pages of a list, each with as many objects as fit into a bound of bytes. */
export interface ListPages {
  /** The page that follows a token; without one, the first. */
  next(token: string | undefined, timeoutMs: number, signal: AbortSignal): Promise<ListPage>;
  /** The version that the API server is at. */
  version(timeoutMs: number, signal: AbortSignal): Promise<string>;
}

export function createListPages(subject: ListSubject, bounds: PageBounds): ListPages {
  const pageSize = createPageSize(bounds);

  async function get(
    query: { readonly limit: string; readonly continue?: string | undefined },
    timeoutMs: number,
    signal: AbortSignal,
    size: Pick<KubeRequest, 'mostBytes' | 'onSize'> = {},
  ): Promise<ListPage> {
    const answer = await subject.client.call({
      method: 'GET',
      path: subject.path,
      query: { fieldSelector: subject.fieldSelector, ...query },
      timeoutMs,
      signal,
      ...size,
      ...(subject.accept === undefined ? {} : { accept: subject.accept.list }),
    });
    // An answer that came before the abort, and is older than what was asked for by it.
    signal.throwIfAborted();
    return readListPage(answer);
  }

  return {
    next: async (token, timeoutMs, signal) => {
      for (;;) {
        let bytes = 0;
        try {
          // The API server goes on from a token whatever the limit is now.
          const page = await get({ limit: String(pageSize.limit()), continue: token }, timeoutMs, signal, {
            mostBytes: pageSize.mostBytes(),
            onSize: (size) => (bytes = size),
          });
          pageSize.came(page.items.length, bytes);
          return page;
        } catch (error) {
          if (!isKubeError(error) || error.reason !== TOO_LARGE) throw error;
          pageSize.exceeded();
        }
      }
    },
    version: async (timeoutMs, signal) => (await get({ limit: '1' }, timeoutMs, signal)).resourceVersion,
  };
}
