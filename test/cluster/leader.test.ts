import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { leaseApi, type StoredLease } from '../../src/kube/leader-lease.ts';
import { monotonicMs, startContenderProcess, type ContenderProcess } from './leader-process.ts';
import { useClient, useCluster } from './stage.ts';

const LEASE = 'pullkeeper';
/** Short, and still longer than a busy machine keeps a process waiting for its turn. */
const DURATIONS = { leaseSeconds: 3, renewDeadlineMs: 2000, retryPeriodMs: 400 };
const LEASE_MS = DURATIONS.leaseSeconds * 1000;
const LONGEST_WAIT_MS = 2.2 * DURATIONS.retryPeriodMs;
/** For what is not the election's doing: requests, a busy machine. */
const SLACK_MS = 1500;

const { cluster } = useCluster();
const client = useClient(cluster);

let kubeconfig: string;
let namespace: string;
let namespaces = 0;

/** The rights that an election needs, and those of the contenders' work. */
beforeEach(async () => {
  namespaces += 1;
  namespace = `election-${namespaces}`;
  const rules = [
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'update'], resourceNames: [LEASE] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'update'], resourceNames: ['work'] },
  ];
  const name = 'contender';
  const rbac = 'rbac.authorization.k8s.io';
  await post('/api/v1/namespaces', { metadata: { name: namespace } });
  await post(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } });
  await post(`/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name: 'work' } });
  await post(`/apis/${rbac}/v1/namespaces/${namespace}/roles`, { metadata: { name }, rules });
  await post(`/apis/${rbac}/v1/namespaces/${namespace}/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  kubeconfig = await cluster().kubeconfigFor(name, namespace);
});

const post = (path: string, body: unknown): Promise<unknown> => client().call({ method: 'POST', path, body });

function contend(identity: string, leaseName = LEASE): ContenderProcess {
  const contender = startContenderProcess({ kubeconfig, namespace, leaseName, identity, durations: DURATIONS });
  onTestFinished(() => contender.kill());
  return contender;
}

/** `a` leads and works, `b` knows. */
async function contendPair(): Promise<{ a: ContenderProcess; b: ContenderProcess }> {
  const a = contend('a');
  await a.line('believes', 'yes');
  const b = contend('b');
  await b.line('sees', 'a');
  return { a, b };
}

async function readLease(): Promise<StoredLease['record'] | undefined> {
  return (await leaseApi(client(), namespace, LEASE).read({ timeoutMs: 5000 }))?.record;
}

async function writtenBy(): Promise<string | undefined> {
  const answer = await client().call({ method: 'GET', path: `/api/v1/namespaces/${namespace}/configmaps/work` });
  return (answer as { data?: { by?: string } }).data?.by;
}

/** When each believed that it led, from its own lines, up to `until`. */
function reigns(contender: ContenderProcess, until: number): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const { at, what, detail } of contender.lines) {
    if (what !== 'believes') continue;
    if (detail === 'yes') found.push({ from: at, to: until });
    const last = found.at(-1);
    if (detail === 'no' && last !== undefined) last.to = at;
  }
  return found;
}

describe('two processes with the rights of the product', () => {
  test('one of them leads', async () => {
    const [a, b] = [contend('a'), contend('b')];
    const leader = await Promise.race([a.line('leads'), b.line('leads')]).then(() =>
      a.lines.some(({ what }) => what === 'leads') ? a : b,
    );
    const other = leader === a ? b : a;
    await other.line('sees', leader.identity);
    await other.line('call', 'GET', monotonicMs() + LEASE_MS);
    expect(other.lines.map(({ what }) => what)).not.toContain('leads');
    expect(leader.lines).not.toContainEqual(expect.objectContaining({ what: 'believes', detail: 'no' }));
    expect(await readLease()).toMatchObject({ holder: leader.identity, durationSeconds: 3, transitions: 0 });
    expect([...a.lines, ...b.lines].filter(({ what }) => what === 'trouble' || what === 'conflict')).toEqual([]);
  });

  test('the other leads soon after SIGTERM, without waiting for a lease to run out', async () => {
    const { a, b } = await contendPair();
    const stoppedAt = monotonicMs();
    a.signal('SIGTERM');
    const { at } = await b.line('leads');
    await a.ended;
    expect(at - stoppedAt).toBeLessThan(LONGEST_WAIT_MS + SLACK_MS);
    expect(a.lines.slice(-2)).toMatchObject([{ what: 'call', detail: 'PUT' }, { what: 'ended' }]);
    expect(a.lines).toContainEqual(expect.objectContaining({ what: 'stopped', detail: 'shutdown' }));
    expect(await readLease()).toMatchObject({ holder: 'b', durationSeconds: 3, transitions: 1 });
  });

  test('the other leads after SIGKILL when the lease has run out, not before', async () => {
    const { a, b } = await contendPair();
    a.signal('SIGKILL');
    await a.ended;
    const { at } = await b.line('leads');
    const renewedAt = a.lines.findLast(({ what, detail }) => what === 'call' && detail !== 'GET')?.at ?? Number.NaN;
    expect(at - renewedAt).toBeGreaterThan(LEASE_MS);
    // One wait until it sees the last renewal, a lease, one wait until it looks again.
    expect(at - renewedAt).toBeLessThan(LEASE_MS + 2 * LONGEST_WAIT_MS + SLACK_MS);
    expect(await readLease()).toMatchObject({ holder: 'b', transitions: 1 });
  });

  test('a leader that is stopped past its lease never believes that it leads when it goes on', async () => {
    const { a, b } = await contendPair();
    a.signal('SIGSTOP');
    await b.line('believes', 'yes');
    await expect.poll(writtenBy).toBe('b');
    const wentOnAt = monotonicMs();
    a.signal('SIGCONT');
    await a.line('sees', 'b', wentOnAt);
    await a.line('call', 'GET', monotonicMs() + 2 * LONGEST_WAIT_MS);

    const after = a.lines.filter(({ at }) => at >= wentOnAt).map(({ what, detail }) => `${what} ${detail}`);
    // Not leading is the first thing it finds; only then does it ask the API server, and writes nothing.
    expect(after.slice(0, after.indexOf('call GET'))).toContain('believes no');
    expect(after).not.toContain('believes yes');
    expect(after).not.toContain('call PUT');
    expect(b.lines.map(({ what }) => what)).not.toContain('conflict');
    expect(await writtenBy()).toBe('b');
    expect(await readLease()).toMatchObject({ holder: 'b', transitions: 1 });
  });

  test('one of them leads again when the API server is back; in between nobody does', async () => {
    const { a, b } = await contendPair();
    await cluster().apiServer.stop();
    const { at: stoppedAt } = await a.line('stopped', 'deadline');
    await cluster().apiServer.start();
    const { at: ledAt } = await Promise.race([a.line('leads', '', stoppedAt), b.line('leads', '', stoppedAt)]);
    // Both have had their say since.
    await Promise.all([a, b].map((one) => one.line('call', undefined, ledAt + LONGEST_WAIT_MS)));
    const all = [...reigns(a, monotonicMs()), ...reigns(b, monotonicMs())].sort((x, y) => x.from - y.from);
    for (const [index, reign] of all.entries()) {
      expect(reign.from).toBeGreaterThanOrEqual(all[index - 1]?.to ?? 0);
    }
    expect(all).toHaveLength(2);
  });

  test('one without rights says so, goes on trying, and ends when told', async () => {
    const a = contend('a', 'another');
    const forbidden = `read-failed: Lease ${namespace}/another could not be read: 403 Forbidden: leases.coordination.k8s.io "another" is forbidden: User "system:serviceaccount:${namespace}:contender" cannot get resource "leases" in API group "coordination.k8s.io" in the namespace "${namespace}"`;
    const first = await a.line('trouble', forbidden);
    await a.line('trouble', forbidden, first.at + 1);
    a.signal('SIGTERM');
    await a.ended;
    expect(a.lines.at(-1)).toMatchObject({ what: 'ended' });
    expect(a.lines.map(({ what }) => what)).not.toContain('leads');
  });
});
