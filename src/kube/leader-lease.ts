import { isRecord } from '../core/json-value.ts';
import type { LeaseRecord } from '../core/lease/record.ts';
import type { KubeClient } from './client.ts';
import { isKubeError, KubeError } from './kube-error.ts';

/** A Lease as the API server has it: what was read of it, and the whole object for the next write. */
export interface StoredLease {
  readonly record: LeaseRecord;
  readonly object: Readonly<Record<string, unknown>>;
}

export interface CallLimits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** One Lease. Each call rejects with KubeError, or with the signal's reason. */
export interface LeaseApi {
  /** undefined when there is none. */
  read(limits: CallLimits): Promise<StoredLease | undefined>;
  /** Rejects with 409 when there is one. */
  create(record: LeaseRecord, limits: CallLimits): Promise<StoredLease>;
  /** Rejects with 409 unless the Lease is still exactly the one that was read. */
  replace(stored: StoredLease, record: LeaseRecord, limits: CallLimits): Promise<StoredLease>;
}

export function leaseApi(client: Pick<KubeClient, 'call'>, namespace: string, name: string): LeaseApi {
  const collection = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
  const path = `${collection}/${encodeURIComponent(name)}`;
  return {
    read: async (limits) => {
      try {
        return decodeLease(await client.call({ method: 'GET', path, ...limits }));
      } catch (error) {
        if (isKubeError(error, 404)) return undefined;
        throw error;
      }
    },
    create: async (record, limits) => {
      const body = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace },
        spec: encodeRecord(record),
      };
      return decodeLease(await client.call({ method: 'POST', path: collection, body, ...limits }));
    },
    replace: async (stored, record, limits) => {
      // The metadata go back as they came. resourceVersion is the precondition; uid is one too, and not a spare: a PUT
      // of a Lease that is gone creates it, whatever its resourceVersion, unless the uid forbids it.
      const body = { ...stored.object, spec: encodeRecord(record) };
      return decodeLease(await client.call({ method: 'PUT', path, body, ...limits }));
    },
  };
}

/** RFC 3339 with six digits after the point: metav1.MicroTime refuses any other number of them. */
export function formatMicroTime(wallTime: number): string {
  return new Date(wallTime).toISOString().replace('Z', '000Z');
}

function encodeRecord(record: LeaseRecord): Record<string, unknown> {
  return {
    holderIdentity: record.holder,
    leaseDurationSeconds: record.durationSeconds,
    acquireTime: record.acquireTime,
    renewTime: record.renewTime,
    leaseTransitions: record.transitions,
  };
}

function decodeLease(answer: unknown): StoredLease {
  if (!isRecord(answer) || !isRecord(answer.metadata) || !isPresent(answer.metadata.resourceVersion)) {
    throw new KubeError(0, 'NotALease', 'the API server sent a Lease without a resourceVersion');
  }
  if (!isPresent(answer.metadata.uid)) throw new KubeError(0, 'NotALease', 'the API server sent a Lease without a uid');
  const spec = isRecord(answer.spec) ? answer.spec : {};
  return {
    object: answer,
    record: {
      holder: text(spec.holderIdentity) ?? '',
      durationSeconds: count(spec.leaseDurationSeconds),
      acquireTime: text(spec.acquireTime),
      renewTime: text(spec.renewTime),
      transitions: count(spec.leaseTransitions) ?? 0,
    },
  };
}

function isPresent(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
