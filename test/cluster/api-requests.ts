import { callApi } from '../../tools/cluster/api-client.ts';
import type { Cluster } from '../../tools/cluster/cluster.ts';

/** How often the API server was asked for something, by its own count. */
export interface RequestCounts {
  /** For each verb and resource of these verbs, where it is more than before: `PUT leases` → 3. */
  since(before: RequestCounts, verbs: readonly string[]): Readonly<Record<string, number>>;
  /** Requests of these verbs for a resource, or for any; verbs as in its metrics: `APPLY` is a server-side apply. */
  count(verbs: readonly string[], resource?: string): number;
}

export const WRITES = ['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION'];

export async function countRequests(cluster: Cluster): Promise<RequestCounts> {
  const { body } = await callApi(cluster.admin, '/metrics');
  const samples = body.split('\n').flatMap((line) => {
    if (!line.startsWith('apiserver_request_total{')) return [];
    const label = (name: string): string => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? '';
    return [{ verb: label('verb'), resource: label('resource'), value: Number(line.slice(line.lastIndexOf(' ') + 1)) }];
  });
  const count: RequestCounts['count'] = (verbs, resource) =>
    samples
      .filter((sample) => verbs.includes(sample.verb) && (resource === undefined || sample.resource === resource))
      .reduce((sum, { value }) => sum + value, 0);
  return {
    count,
    since: (before, verbs) => {
      const more: Record<string, number> = {};
      for (const { verb, resource } of samples) {
        const difference = count([verb], resource) - before.count([verb], resource);
        if (verbs.includes(verb) && difference > 0) more[`${verb} ${resource}`] = difference;
      }
      return more;
    },
  };
}
