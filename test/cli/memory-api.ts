import { KubeError } from '../../src/kube/kube-error.ts';
import type { KubeClient, KubeRequest } from '../../src/kube/client.ts';
import { isRecord } from '../../src/core/json-value.ts';

/** What an API server answers whose whole content is these objects, to a caller who may not read some paths. */
export function createMemoryApi(objects: readonly unknown[], forbidden: readonly string[]): KubeClient['call'] {
  const stored = new Map(objects.filter(isRecord).map((object) => [pathOf(object), withData(object)]));
  return ({ method, path, query }: KubeRequest) => {
    if (method !== 'GET') return Promise.reject(new KubeError(405, 'MethodNotAllowed', 'explain only reads'));
    if (forbidden.some((each) => (each.endsWith('*') ? path.startsWith(each.slice(0, -1)) : path === each))) {
      return Promise.reject(new KubeError(403, 'Forbidden', 'forbidden'));
    }
    const found = stored.get(path);
    if (found !== undefined) return Promise.resolve(found);
    // The only list that explain asks for.
    if (!path.endsWith('/secrets')) return Promise.reject(new KubeError(404, 'NotFound', 'not found'));
    const type = /^type=(.*)$/.exec(query?.['fieldSelector'] ?? '')?.[1];
    const items = [...stored]
      .filter(([each, object]) => each.startsWith(`${path}/`) && (type === undefined || object['type'] === type))
      .map(([, object]) => object);
    return Promise.resolve({ metadata: { resourceVersion: '1' }, items });
  };
}

const plurals: Readonly<Record<string, string>> = {
  Secret: 'secrets',
  Pod: 'pods',
  ServiceAccount: 'serviceaccounts',
  Deployment: 'deployments',
  ReplicaSet: 'replicasets',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  Job: 'jobs',
  CronJob: 'cronjobs',
};

function pathOf({ apiVersion, kind, metadata }: Record<string, unknown>): string {
  const { name, namespace } = isRecord(metadata) ? metadata : {};
  if (kind === 'Namespace') return `/api/v1/namespaces/${String(name)}`;
  const plural = plurals[String(kind)];
  if (plural === undefined) throw new Error(`a fixture holds a ${String(kind)}, which this API does not know`);
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${String(apiVersion)}`;
  return `${root}/namespaces/${String(namespace)}/${plural}/${String(name)}`;
}

/** `stringData` becomes `data`, as the API server does it. */
function withData({ stringData, ...object }: Record<string, unknown>): Record<string, unknown> {
  if (!isRecord(stringData)) return object;
  const data = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')]);
  return { ...object, data: Object.fromEntries(data) };
}
