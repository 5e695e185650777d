import type { KubeClient, KubeRequest } from '../../src/kube/client.ts';
import { KubeError, noAnswer } from '../../src/kube/kube-error.ts';
import type { Machine, World } from './leader-world.ts';

export interface LeaseObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; uid: string; resourceVersion: string; [more: string]: unknown };
  spec: { holderIdentity?: string; leaseDurationSeconds?: number; leaseTransitions?: number; [more: string]: unknown };
}

/** Leases as a real API server keeps them (test/cluster/leader-lease.test.ts holds it to that). */
export interface LeaseStore {
  /** Throws KubeError like the client. */
  handle(request: Pick<KubeRequest, 'method' | 'path' | 'body'>): LeaseObject;
  get(path: string): LeaseObject | undefined;
  delete(path: string): void;
  /** As someone else with `kubectl edit` would. */
  edit(path: string, change: (lease: LeaseObject) => void): void;
}

const COLLECTION = /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/[^/]+\/leases$/;

export function createLeaseStore(): LeaseStore {
  const leases = new Map<string, LeaseObject>();
  let version = 1000;

  function save(path: string, lease: LeaseObject): LeaseObject {
    const { leaseDurationSeconds, leaseTransitions } = lease.spec;
    if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) throw invalid('leaseDurationSeconds');
    if (leaseTransitions !== undefined && leaseTransitions < 0) throw invalid('leaseTransitions');
    version += 1;
    lease.metadata.resourceVersion = String(version);
    leases.set(path, structuredClone(lease));
    return structuredClone(lease);
  }

  function post(collection: string, body: unknown): LeaseObject {
    const lease = structuredClone(body) as LeaseObject;
    const path = `${collection}/${lease.metadata.name}`;
    if (leases.has(path)) throw new KubeError(409, 'AlreadyExists', 'it exists');
    lease.metadata.uid = `uid-${version}`;
    return save(path, lease);
  }

  function put(path: string, body: unknown): LeaseObject {
    const lease = structuredClone(body) as LeaseObject;
    const current = leases.get(path);
    const { uid, resourceVersion } = lease.metadata as Partial<LeaseObject['metadata']>;
    if (uid !== undefined && uid !== current?.metadata.uid) throw new KubeError(409, 'Conflict', 'the uid is another');
    if (current === undefined) {
      lease.metadata.uid = `uid-${version}`;
      return save(path, lease);
    }
    if (resourceVersion === undefined) throw invalid('resourceVersion');
    if (resourceVersion !== current.metadata.resourceVersion) throw new KubeError(409, 'Conflict', 'it was modified');
    // A write that changes nothing is none.
    if (JSON.stringify(lease) === JSON.stringify(current)) return structuredClone(current);
    return save(path, lease);
  }

  return {
    handle: ({ method, path, body }) => {
      if (method === 'POST' && COLLECTION.test(path)) return post(path, body);
      if (method === 'PUT') return put(path, body);
      const lease = leases.get(path);
      if (lease === undefined) throw new KubeError(404, 'NotFound', 'there is none');
      if (method !== 'GET') throw new KubeError(405, 'MethodNotAllowed', method);
      return structuredClone(lease);
    },
    get: (path) => structuredClone(leases.get(path)),
    delete: (path) => void leases.delete(path),
    edit: (path, change) => {
      const lease = leases.get(path);
      if (lease === undefined) throw new Error(`no Lease at ${path}`);
      change(lease);
      save(path, lease);
    },
  };
}

function invalid(field: string): KubeError {
  return new KubeError(422, 'Invalid', field);
}

/** What becomes of a request between a process and the API server. */
export type Link =
  | 'works'
  | 'refused'
  | 'fails' // 500 before anything happened
  | 'breaks' // the client itself throws what it never should
  | 'swallows' // neither the request nor an answer arrives
  | 'loses answers'; // the API server acts, and nobody hears of it

export interface Wire {
  readonly client: Pick<KubeClient, 'call'>;
  readonly requests: readonly KubeRequest[];
  link: Link;
  /** The process is stopped as soon as its next write is on its way. */
  stopAtWrite: boolean;
  /** Each way, in ms of the world's time. */
  latency: () => number;
}

/** A client that takes time, for a process that may be stopped. */
export function connect(world: World, machine: Machine, store: Pick<LeaseStore, 'handle'>): Wire {
  const requests: KubeRequest[] = [];
  const wire: Wire = { client: { call }, requests, link: 'works', stopAtWrite: false, latency: () => 1 };

  function call(request: KubeRequest): Promise<unknown> {
    requests.push(request);
    if (wire.stopAtWrite && request.method !== 'GET') {
      wire.stopAtWrite = false;
      machine.stop();
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { signal } = request;
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    // The client's own default is 10 s; its timer is the process's.
    world.after(request.timeoutMs ?? 10_000, () =>
      machine.deliver(() => reject(noAnswer('Timeout', new Error('nothing came')))),
    );
    // What was sent arrives, even if the sender is stopped or gives up meanwhile.
    const body = structuredClone(request.body);
    const { link } = wire;
    if (link === 'refused') machine.deliver(() => reject(noAnswer('ECONNREFUSED', new Error('refused'))));
    else if (link === 'breaks') reject(new TypeError('password'));
    else if (link !== 'swallows')
      world.after(wire.latency(), () => arrive({ ...request, body }, link, resolve, reject));
    return promise;
  }

  function arrive(request: KubeRequest, link: Link, resolve: (answer: unknown) => void, reject: (e: Error) => void) {
    let outcome: () => void;
    try {
      if (link === 'fails') throw new KubeError(500, 'InternalError', 'etcd is away');
      const answer = store.handle(request);
      outcome = () => resolve(answer);
    } catch (error) {
      outcome = () => reject(error as Error);
    }
    if (link !== 'loses answers') world.after(wire.latency(), () => machine.deliver(outcome));
  }

  return wire;
}
