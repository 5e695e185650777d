import { describe, expect, test } from 'vitest';
import { formatMicroTime, leaseApi } from '../../src/kube/leader-lease.ts';
import { createLeaseStore } from './leader-api.ts';
import { describeLeaseServer, type LeaseServer } from './leader-lease-contract.ts';

const path = (name: string): string => `/apis/coordination.k8s.io/v1/namespaces/contract/leases/${name}`;
const read = (answer: unknown): Promise<unknown> =>
  leaseApi({ call: async () => answer }, 'n', 'l').read({ timeoutMs: 1 });

describe('the API server of the unit tests', () => {
  const store = createLeaseStore();
  const server: LeaseServer = {
    client: { call: async (request) => store.handle(request) },
    namespace: 'contract',
    delete: async (name) => store.delete(path(name)),
    label: async (name) =>
      store.edit(path(name), (lease) => {
        lease.metadata.labels = { 'example.com/by': 'someone' };
      }),
  };
  describeLeaseServer(() => server);
});

describe('an answer', () => {
  const metadata = { resourceVersion: '1', uid: 'u' };

  test.each([
    [undefined],
    [[]],
    [{}],
    [{ metadata: [] }],
    [{ metadata: { uid: 'u' } }],
    [{ metadata: { resourceVersion: '1' } }],
    [{ metadata: { resourceVersion: 1, uid: 'u' } }],
    [{ metadata: { ...metadata, resourceVersion: '' } }],
    [{ metadata: { ...metadata, uid: '' } }],
  ])('%j is refused: it could not be replaced safely', async (answer) => {
    await expect(read(answer)).rejects.toMatchObject({ status: 0, reason: 'NotALease' });
  });

  test.each([
    [{ metadata }],
    [{ metadata, spec: null }],
    [{ metadata, spec: { holderIdentity: 1, leaseDurationSeconds: 'x', acquireTime: 0, leaseTransitions: null } }],
  ])('%j is a Lease that nobody holds', async (answer) => {
    expect(await read(answer)).toEqual({
      object: answer,
      record: {
        holder: '',
        durationSeconds: undefined,
        acquireTime: undefined,
        renewTime: undefined,
        transitions: 0,
      },
    });
  });
});

test('a micro-time has six digits after the point', () => {
  expect(formatMicroTime(Date.UTC(2026, 1, 3, 4, 5, 6, 78))).toBe('2026-02-03T04:05:06.078000Z');
});

test('names are encoded in paths', async () => {
  const paths: string[] = [];
  const client = { call: async ({ path }: { path: string }) => (paths.push(path), { metadata: {} }) };
  await expect(leaseApi(client, 'a/b', 'c?d').read({ timeoutMs: 1 })).rejects.toMatchObject({ reason: 'NotALease' });
  expect(paths).toEqual(['/apis/coordination.k8s.io/v1/namespaces/a%2Fb/leases/c%3Fd']);
});
