import type { KubeClient } from '../../src/kube/client.ts';
import { NAMESPACE } from '../../tools/installation/installation.ts';

/** Registry → "user:password". */
export type Credentials = Readonly<Record<string, string>>;

/** What is in the cluster, told by the API server itself, and what a test puts there. */
export interface Truth {
  /** Namespaces with `pullkeeper.dev/inject=enabled`, many at once. */
  enableNamespaces(names: readonly string[]): Promise<void>;
  /** Makes or changes a source with one registry. */
  setSource(name: string, password: string, options?: { registry?: string; namespaces?: string }): Promise<void>;
  deleteSource(name: string): Promise<void>;
  /** Of each namespace, what its managed Secret holds. */
  held(): Promise<ReadonlyMap<string, Credentials>>;
  /** Waits until each of these namespaces' Secrets holds just this (undefined: is not there). Returns ms since `since`. */
  becomesRight(
    expected: ReadonlyMap<string, Credentials | undefined>,
    within: { readonly since: number; readonly ms: number },
  ): Promise<number>;
  /** Every Secret that is not Pullkeeper's, with its version: the same text before and after when none was touched. */
  foreign(): Promise<string>;
}

interface SecretObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

export function createTruth(api: KubeClient): Truth {
  async function list(query: Record<string, string>): Promise<readonly SecretObject[]> {
    const answer = await api.call({ method: 'GET', path: '/api/v1/secrets', query, timeoutMs: 30_000 });
    return (answer as { items: SecretObject[] }).items;
  }

  async function held(): Promise<ReadonlyMap<string, Credentials>> {
    const secrets = await list({ fieldSelector: 'metadata.name=pullkeeper' });
    return new Map(secrets.filter(isManaged).map((secret) => [secret.metadata.namespace, readCredentials(secret)]));
  }

  return {
    enableNamespaces: (names) =>
      inParallel(names, async (name) => {
        const metadata = { name, labels: { 'pullkeeper.dev/inject': 'enabled' } };
        // Applied: an API server that asks a slow etcd again may find what it has just created (seen).
        await api.call({
          method: 'PATCH',
          path: `/api/v1/namespaces/${name}`,
          query: { fieldManager: 'test', force: 'true' },
          contentType: 'application/apply-patch+yaml',
          body: { apiVersion: 'v1', kind: 'Namespace', metadata },
        });
      }),
    setSource: async (name, password, { registry = `${name}.example.com`, namespaces = '*' } = {}) => {
      const config = JSON.stringify({ auths: { [registry]: { username: 'puller', password } } });
      await api.call({
        method: 'PATCH',
        path: `/api/v1/namespaces/${NAMESPACE}/secrets/${name}`,
        query: { fieldManager: 'test', force: 'true' },
        contentType: 'application/apply-patch+yaml',
        body: {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name, annotations: { 'pullkeeper.dev/namespaces': namespaces } },
          type: 'kubernetes.io/dockerconfigjson',
          data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
        },
      });
    },
    deleteSource: async (name) => {
      await api.call({ method: 'DELETE', path: `/api/v1/namespaces/${NAMESPACE}/secrets/${name}` });
    },
    held,
    becomesRight: async (expected, { since, ms }) => {
      for (;;) {
        const found = await held().catch((error: Error) => error);
        const now = performance.now();
        const wrong = found instanceof Error ? [found.message] : findWrong(expected, found);
        if (wrong.length === 0) return now - since;
        if (now - since > ms) {
          throw new Error(
            `${wrong.length} are not right after ${Math.round(now - since)} ms: ${wrong.slice(0, 5).join('; ')}`,
          );
        }
      }
    },
    foreign: async () =>
      (await list({}))
        .filter((secret) => !isManaged(secret) && secret.metadata.namespace !== NAMESPACE)
        .map(
          ({ metadata: { namespace, name, uid, resourceVersion } }) => `${namespace}/${name} ${uid} ${resourceVersion}`,
        )
        .sort()
        .join('\n'),
  };
}

/** Thousands of calls, as many at once as an API server has seats for one user. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}

export function sameForAll(namespaces: readonly string[], credentials: Credentials): ReadonlyMap<string, Credentials> {
  return new Map(namespaces.map((name) => [name, credentials]));
}

function findWrong(
  expected: ReadonlyMap<string, Credentials | undefined>,
  found: ReadonlyMap<string, Credentials>,
): string[] {
  return [...expected].flatMap(([namespace, credentials]) => {
    const is = JSON.stringify(sorted(found.get(namespace)));
    const should = JSON.stringify(sorted(credentials));
    return is === should ? [] : [`${namespace} holds ${is}, not ${should}`];
  });
}

function sorted(credentials: Credentials | undefined): unknown {
  return credentials === undefined ? 'nothing' : Object.entries(credentials).sort(([a], [b]) => (a < b ? -1 : 1));
}

function isManaged({ metadata: { name, labels } }: SecretObject): boolean {
  return name === 'pullkeeper' && labels?.['pullkeeper.dev/managed'] === 'true';
}

function readCredentials({ data }: SecretObject): Credentials {
  const config = JSON.parse(Buffer.from(data?.['.dockerconfigjson'] ?? '', 'base64').toString()) as {
    auths: Record<string, { username: string; password: string }>;
  };
  return Object.fromEntries(
    Object.entries(config.auths).map(([key, { username, password }]) => [key, `${username}:${password}`]),
  );
}
