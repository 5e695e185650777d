import type { KubeClient, KubeRequest } from './client.ts';
import { readListPage } from './object-meta.ts';

/** client-go's page size for lists. */
const PAGE_SIZE = '500';

/** All objects of a list, page after page. Rejects as the client does when one of them could not be read. */
export async function listWhole(
  call: KubeClient['call'],
  request: Pick<KubeRequest, 'path' | 'query' | 'accept' | 'timeoutMs'>,
): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  let token: string | undefined;
  do {
    const query = { ...request.query, limit: PAGE_SIZE, continue: token };
    const page = readListPage(await call({ ...request, method: 'GET', query }));
    items.push(...page.items);
    token = page.continueToken;
  } while (token !== undefined);
  return items;
}
