import { expect, test } from 'vitest';
import type { KubeClient } from '../../src/kube/client.ts';
import type { LeaseRecord } from '../../src/core/lease/record.ts';
import { leaseApi, type LeaseApi } from '../../src/kube/leader-lease.ts';

const LIMITS = { timeoutMs: 5000 };
const CONFLICT = { status: 409, reason: 'Conflict' };
const first: LeaseRecord = {
  holder: 'a',
  durationSeconds: 15,
  acquireTime: '2026-01-01T00:00:00.000000Z',
  renewTime: '2026-01-01T00:00:00.123000Z',
  transitions: 0,
};
const second: LeaseRecord = { ...first, holder: '', durationSeconds: 1, transitions: 3 };

export interface LeaseServer {
  readonly client: Pick<KubeClient, 'call'>;
  readonly namespace: string;
  delete(name: string): Promise<void>;
  label(name: string): Promise<void>;
}

/** What the election counts on from an API server. Run against the real one, and against the one of the unit tests. */
export function describeLeaseServer(server: () => LeaseServer): void {
  const leaseOf = (name: string): LeaseApi => leaseApi(server().client, server().namespace, name);

  test('a Lease that is not there is no error', async () => {
    expect(await leaseOf('missing').read(LIMITS)).toBeUndefined();
  });

  test('what was written is read, microseconds included', async () => {
    const lease = leaseOf('round-trip');
    const created = await lease.create(first, LIMITS);
    expect(created.record).toEqual(first);
    const replaced = await lease.replace(created, second, LIMITS);
    expect(replaced.record).toEqual(second);
    const found = await lease.read(LIMITS);
    expect(found).toEqual(replaced);
  });

  test('creating twice is a conflict', async () => {
    const lease = leaseOf('twice');
    await lease.create(first, LIMITS);
    await expect(lease.create(second, LIMITS)).rejects.toMatchObject({ status: 409, reason: 'AlreadyExists' });
  });

  test('replacing anything but what was read is a conflict', async () => {
    const lease = leaseOf('stale');
    const created = await lease.create(first, LIMITS);
    await lease.replace(created, second, LIMITS);
    await expect(lease.replace(created, first, LIMITS)).rejects.toMatchObject(CONFLICT);
    expect((await lease.read(LIMITS))?.record).toEqual(second);
  });

  test('replacing a Lease that is gone is a conflict, and does not create it', async () => {
    const lease = leaseOf('gone');
    const created = await lease.create(first, LIMITS);
    await server().delete('gone');
    await expect(lease.replace(created, second, LIMITS)).rejects.toMatchObject(CONFLICT);
    expect(await lease.read(LIMITS)).toBeUndefined();
  });

  // Why the uid is sent: the resourceVersion does not keep a PUT from creating.
  test('a PUT without uid creates a Lease that is gone', async () => {
    const { client, namespace } = server();
    const lease = leaseOf('put');
    const { object } = await lease.create(first, LIMITS);
    await server().delete('put');
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/put`;
    const metadata = { ...(object.metadata as object), uid: undefined };
    await client.call({ method: 'PUT', path, body: { ...object, metadata } });
    expect((await lease.read(LIMITS))?.record).toEqual(first);
  });

  test('replacing a Lease that was deleted and created again is a conflict', async () => {
    const lease = leaseOf('again');
    const created = await lease.create(first, LIMITS);
    await server().delete('again');
    await lease.create(first, LIMITS);
    await expect(lease.replace(created, second, LIMITS)).rejects.toMatchObject(CONFLICT);
  });

  test("labels that others put on it survive, and are no sign of a holder's life", async () => {
    const lease = leaseOf('labelled');
    const created = await lease.create(first, LIMITS);
    await server().label('labelled');
    const labelled = await lease.read(LIMITS);
    expect(labelled?.record).toEqual(created.record);
    if (labelled === undefined) throw new Error('the Lease is gone');
    const replaced = await lease.replace(labelled, second, LIMITS);
    expect(replaced.object).toHaveProperty('metadata.labels', { 'example.com/by': 'someone' });
  });
}
