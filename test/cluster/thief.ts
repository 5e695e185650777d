import { expect, vi } from 'vitest';
import type { KubeClient, KubeRequest } from '../../src/kube/client.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import { startCluster } from '../../tools/cluster/start-cluster.ts';
import type { Cluster } from '../../tools/cluster/cluster.ts';
import { NAMESPACE } from '../../tools/installation/installation.ts';
import { INSTALL_YAML } from '../../tools/installation/manifests.ts';
import { createAdmin, type Admin } from './admin.ts';
import { openClient } from './open-client.ts';

const ACCOUNT = `system:serviceaccount:${NAMESPACE}:pullkeeper`;

/** Who refuses: RBAC, one of the shipped policies, or the API server's own validation. */
export type Guard =
  'RBAC' | 'pullkeeper-secrets' | 'pullkeeper-webhooks' | 'pullkeeper-leases' | 'pullkeeper-events' | 'validation';

/** Somebody who holds the token of Pullkeeper's ServiceAccount, in a cluster where it is installed as shipped. */
export interface Thief {
  readonly cluster: Cluster;
  readonly admin: Admin;
  call(request: KubeRequest): Promise<unknown>;
  /** Sends the request and expects that it is refused, and by whom. */
  expectRefused(request: KubeRequest, by: Guard): Promise<void>;
  /** Starts a watch and expects that it is refused by RBAC. */
  expectWatchRefused(path: string, query?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when the policies are in force, which they are a moment after they were applied. */
export async function startThief(): Promise<Thief> {
  const cluster = await startCluster();
  const admin = createAdmin(cluster);
  await admin.run('apply', '-f', INSTALL_YAML);
  const client = await openClient(await cluster.kubeconfigFor('pullkeeper', NAMESPACE), 'thief');
  const call: Thief['call'] = (request) => client.call(request);

  const expectRefused: Thief['expectRefused'] = async (request, by) => {
    const error = await call(request).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error, 'it was allowed').toBeInstanceOf(KubeError);
    expect(describeRefusal(error as KubeError)).toBe(by);
  };

  const probes = PROBES.map(
    (probe) => async () =>
      expectRefused({ ...probe.request, query: { ...probe.request.query, dryRun: 'All' } }, probe.by),
  );
  await vi.waitFor(() => Promise.all(probes.map((probe) => probe())), { timeout: 30_000, interval: 50 });
  return {
    cluster,
    admin,
    call,
    expectRefused,
    expectWatchRefused: async (path, query = {}) => {
      await expect(firstOf(client, path, query)).rejects.toMatchObject({
        status: 403,
        message: expect.stringContaining(`User "${ACCOUNT}" cannot watch resource`),
      });
    },
    stop: async () => {
      await client.close();
      await cluster.stop();
    },
  };
}

function describeRefusal({ status, message }: KubeError): string {
  if (status === 403 && message.includes(`User "${ACCOUNT}" cannot`)) return 'RBAC';
  const policy = /ValidatingAdmissionPolicy '([^']+)'/.exec(message)?.[1];
  if (status === 403 && policy !== undefined) return policy;
  return status === 422 ? 'validation' : `${status} ${message}`;
}

async function firstOf(client: KubeClient, path: string, query: Readonly<Record<string, string>>): Promise<void> {
  const { signal } = new AbortController();
  const stream = client.watch({ path, query, headersTimeoutMs: 5000, silenceMs: 5000, signal });
  await stream.next();
}

/** Server-side apply, by which RBAC lets the account create. */
export function applying(path: string, object: object): KubeRequest {
  return {
    method: 'PATCH',
    path,
    query: { fieldManager: 'pullkeeper', force: 'true' },
    contentType: 'application/apply-patch+yaml',
    body: object,
  };
}

export function merging(path: string, patch: object): KubeRequest {
  return { method: 'PATCH', path, contentType: 'application/merge-patch+json', body: patch };
}

export function patching(path: string, operations: readonly object[]): KubeRequest {
  return { method: 'PATCH', path, contentType: 'application/json-patch+json', body: operations };
}

export function secretPath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}

export const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1';
export const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`;

/** One request for each policy that RBAC would let pass. */
const PROBES: readonly { readonly by: Guard; readonly request: KubeRequest }[] = [
  {
    by: 'pullkeeper-secrets',
    request: applying(secretPath('default', 'pullkeeper'), {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'pullkeeper' },
      type: 'Opaque',
    }),
  },
  {
    by: 'pullkeeper-webhooks',
    request: merging(`${WEBHOOKS}/mutatingwebhookconfigurations/pullkeeper`, { metadata: { labels: { probe: 'x' } } }),
  },
  {
    by: 'pullkeeper-leases',
    request: {
      method: 'POST',
      path: LEASES,
      body: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'probe' } },
    },
  },
  {
    by: 'pullkeeper-events',
    request: {
      method: 'POST',
      path: '/api/v1/namespaces/default/events',
      body: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'probe' },
        involvedObject: { kind: 'Namespace', name: 'default', namespace: 'default' },
      },
    },
  },
];
