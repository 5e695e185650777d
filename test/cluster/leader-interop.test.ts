import { describe, expect, onTestFinished, test } from 'vitest';
import { runLeaderElection } from '../../src/kube/leader.ts';
import type { Leadership } from '../../src/kube/leader-term.ts';
import { leaseApi } from '../../src/kube/leader-lease.ts';
import { systemClock } from '../../src/kube/system-clock.ts';
import { describeLeaseServer, type LeaseServer } from '../kube/leader-lease-contract.ts';
import { useClient, useCluster } from './stage.ts';

const LEASE = 'shared';
const DURATIONS = { leaseSeconds: 3, renewDeadlineMs: 2000, retryPeriodMs: 400 };

const { cluster } = useCluster({
  // A contender with client-go's own election, for the same Lease.
  controllerManagerFlags: [
    '--leader-elect=true',
    '--leader-elect-resource-namespace=default',
    `--leader-elect-resource-name=${LEASE}`,
    `--leader-elect-lease-duration=${DURATIONS.leaseSeconds}s`,
    `--leader-elect-renew-deadline=${DURATIONS.renewDeadlineMs}ms`,
    `--leader-elect-retry-period=${DURATIONS.retryPeriodMs}ms`,
  ],
});
const client = useClient(cluster);

const path = (name: string): string => `/apis/coordination.k8s.io/v1/namespaces/default/leases/${name}`;

const server = (): LeaseServer => ({
  client: client(),
  namespace: 'default',
  delete: async (name) => void (await client().call({ method: 'DELETE', path: path(name) })),
  label: async (name) =>
    void (await client().call({
      method: 'PATCH',
      path: path(name),
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { 'example.com/by': 'someone' } } },
    })),
});

describe('the real API server', () => {
  describeLeaseServer(server);
});

/** Our side, in this process. */
function contend(): { events: string[]; isLeader: () => boolean; shutDown: () => Promise<void> } {
  const events: string[] = [];
  const shutdown = new AbortController();
  let leadership: Leadership | undefined;
  const running = runLeaderElection({
    client: client(),
    namespace: 'default',
    leaseName: LEASE,
    identity: 'pullkeeper',
    durations: DURATIONS,
    clock: systemClock,
    random: Math.random,
    onStartedLeading: (term) => {
      leadership = term;
      events.push('leads');
    },
    onStoppedLeading: ({ code }) => void events.push(`stopped: ${code}`),
    onNewLeader: (identity) => void events.push(`sees ${identity}`),
    onTrouble: ({ sentence }) => void events.push(sentence),
    signal: shutdown.signal,
  });
  const shutDown = async (): Promise<void> => {
    shutdown.abort();
    await running;
  };
  onTestFinished(shutDown);
  return { events, isLeader: () => leadership?.isLeader() ?? false, shutDown };
}

async function holder(): Promise<string | undefined> {
  return (await leaseApi(client(), 'default', LEASE).read({ timeoutMs: 5000 }))?.record.holder;
}

/** Long enough for an election that misreads the other's records to take the Lease from it. */
function twoLeases(): Promise<void> {
  return systemClock.sleep(2 * DURATIONS.leaseSeconds * 1000, new AbortController().signal);
}

test("kube-controller-manager's election and ours understand each other", async () => {
  const theirs = await holder();
  expect(theirs).toMatch(/_[0-9a-f-]{36}$/);

  const ours = contend();
  await expect.poll(() => ours.events).toEqual([`sees ${theirs}`]);
  await twoLeases();
  expect(ours.events).toEqual([`sees ${theirs}`]);

  await cluster().controllerManager.stop();
  await expect.poll(ours.isLeader, { timeout: 15_000 }).toBe(true);
  expect(ours.events).toEqual([`sees ${theirs}`, 'sees pullkeeper', 'leads']);

  await cluster().controllerManager.start();
  await twoLeases();
  expect([ours.isLeader(), await holder()]).toEqual([true, 'pullkeeper']);

  await ours.shutDown();
  await expect.poll(holder, { timeout: 15_000 }).toMatch(/_[0-9a-f-]{36}$/);
  expect(ours.events.at(-1)).toBe('stopped: shutdown');
});
