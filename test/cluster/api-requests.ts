import { callApi } from '../../tools/cluster/api-client.ts';
import type { Cluster } from '../../tools/cluster/cluster.ts';

/** How often the API server was asked for something, by its own count. */
export interface RequestCounts {
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
  return {
    count: (verbs, resource) =>
      samples
        .filter((sample) => verbs.includes(sample.verb) && (resource === undefined || sample.resource === resource))
        .reduce((sum, { value }) => sum + value, 0),
  };
}
