import { afterAll, beforeAll, inject } from 'vitest';
import type { KubeClient } from '../../src/kube/client.ts';
import type { Cluster, ClusterOptions } from '../../tools/cluster/cluster.ts';
import { startCluster } from '../../tools/cluster/start-cluster.ts';
import {
  installPullkeeper,
  NAMESPACE,
  type Installation,
  type InstallOptions,
} from '../../tools/installation/installation.ts';
import { createAdmin, type Admin } from './admin.ts';
import { openClient } from './open-client.ts';

// What the tests of one file share. Each piece is set up before them, in the order of these calls, and cleared away after
// them, the last one first; a function returned is for hooks and tests: it says what is there once it is.

/** A control plane of their own, and its administrator. */
export interface ClusterStage {
  readonly cluster: () => Cluster;
  readonly admin: Admin;
}

export interface PullkeeperStage extends ClusterStage {
  readonly product: () => Installation;
}

export function useCluster(options: ClusterOptions = {}): ClusterStage {
  const cluster = setUp(
    () => startCluster(options),
    (started) => started.stop(),
  );
  const admin = createAdmin({
    kubectl: (args, more) => cluster().kubectl(args, more),
    get admin() {
      return cluster().admin;
    },
  });
  return { cluster, admin };
}

/** Pullkeeper on a control plane; it goes with it. */
export function useInstallation(cluster: () => Cluster, options: InstallOptions = {}): () => Installation {
  return setUp(() => installPullkeeper(cluster(), { entry: inject('entry'), ...options }));
}

/** Somebody else holds Pullkeeper's Lease, for longer than any test takes. For before the installation. */
export function useForeignLease(admin: Admin): void {
  beforeAll(async () => {
    await admin.apply(`
apiVersion: v1
kind: Namespace
metadata: {name: ${NAMESPACE}}
---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: pullkeeper, namespace: ${NAMESPACE}}
spec: {holderIdentity: somebody-else, leaseDurationSeconds: 3600, leaseTransitions: 0}
`);
  });
}

/** A control plane with Pullkeeper on it. */
export function usePullkeeper(options: InstallOptions = {}): PullkeeperStage {
  const stage = useCluster();
  return { ...stage, product: useInstallation(stage.cluster, options) };
}

/** The API server as the cluster's admin. */
export function useClient(cluster: () => Cluster): () => KubeClient {
  return setUp(
    () => openClient(cluster().kubeconfig),
    (client) => client.close(),
  );
}

/** A source for every namespace, and the namespace tom, which has its credential. */
export function useTom(admin: Admin): void {
  beforeAll(async () => {
    await admin.source('harbor', { server: 'harbor.example.com', namespaces: '*' });
    await admin.namespace('tom', 'enabled');
    await admin.expectCredentials('tom', { 'harbor.example.com': 'puller:s3cret' });
  });
}

function setUp<T>(make: () => Promise<T>, clear?: (made: T) => Promise<void>): () => T {
  let made: { readonly value: T } | undefined;
  beforeAll(async () => {
    made = { value: await make() };
  });
  afterAll(() => (made === undefined ? undefined : clear?.(made.value)));
  return () => {
    if (made === undefined) throw new Error('this is set up by a hook, which has not run yet');
    return made.value;
  };
}
