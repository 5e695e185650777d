import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Replica } from '../../tools/installation/installation.ts';
import { NAMESPACE } from '../../tools/installation/installation.ts';
import { countRequests } from '../cluster/api-requests.ts';
import { startApiProxy, type ApiProxy, type Verdict } from './api-proxy.ts';
import { fakeLease } from './fake-lease.ts';
import { readUnforeseen } from './health.ts';
import { useRotation } from './rotation.ts';

// Shorter than the defaults, so that a takeover is not what the test waits for.
const LEASE = ['--lease-duration=5s', '--lease-renew-deadline=3s', '--lease-retry-period=1s'];

const { world, names, rotate, beginRotation, expectRight, expectKill } = useRotation({ install: { flags: LEASE } });

let first: Replica;
let second: Replica;

beforeAll(async () => {
  first = world().product.replica;
  await untilLeading(first);
  second = await world().product.startReplica();
});

async function isLeading(replica: Replica): Promise<boolean> {
  return (await replica.metric('pullkeeper_leader').catch(() => 0)) === 1;
}

async function untilLeading(replica: Replica): Promise<void> {
  while (!(await isLeading(replica))) await sleep(10);
}

/** Nothing waits to be looked at or tried again. */
async function untilIdle(replica: Replica): Promise<void> {
  const busy = (): Promise<(number | undefined)[]> =>
    Promise.all(['queue_depth', 'retrying'].map((name) => replica.metric(`pullkeeper_reconcile_${name}`)));
  while ((await busy()).some((count) => count !== 0)) await sleep(10);
}

function signal(replica: Replica, name: NodeJS.Signals): void {
  process.kill(replica.program.pid ?? 0, name);
}

/** The first replica leads again, and the second one is there to take over. */
async function restoreOrder(): Promise<void> {
  world().proxy.decide(() => 'forward');
  signal(first, 'SIGCONT');
  await second.program.stop('SIGINT');
  await untilLeading(first);
  await second.program.start();
}

/** The version of each managed Secret: as long as nobody writes it, it stays. */
async function versions(): Promise<unknown> {
  const query = { fieldSelector: 'metadata.name=pullkeeper' };
  const answer = await world().api.call({ method: 'GET', path: '/api/v1/secrets', query });
  const { items } = answer as { items: { metadata: { namespace: string; resourceVersion: string } }[] };
  return items.map(({ metadata }) => `${metadata.namespace} ${metadata.resourceVersion}`);
}

describe('every managed Secret is right after', () => {
  // The first replica leads at the beginning of each test.
  it('the leader was paused beyond its lease in the middle of a rotation; and nothing is undone when it goes on', async () => {
    onTestFinished(restoreOrder);
    await beginRotation();
    signal(first, 'SIGSTOP');
    await untilLeading(second);
    await expectRight();
    await rotate();
    await expectRight();
    const before = await versions();
    signal(first, 'SIGCONT');
    // Longer than anything that it had planned could be on its way.
    await sleep(4000);
    expect(await versions()).toEqual(before);
    expect([await isLeading(first), await isLeading(second)]).toEqual([false, true]);
  });

  it('the writes of a leader were held up on their way until another one had written newer things', async () => {
    onTestFinished(restoreOrder);
    const { proxy } = world();
    const release = Promise.withResolvers<void>();
    const enough = Promise.withResolvers<void>();
    let held = 0;
    proxy.decide(async ({ method, path }): Promise<Verdict> => {
      if (held < 20 && method === 'PATCH' && path.endsWith('/secrets/pullkeeper')) {
        held += 1;
        if (held === 20) enough.resolve();
        await release.promise;
      }
      return 'forward';
    });
    await rotate();
    await enough.promise;
    signal(first, 'SIGSTOP');
    await untilLeading(second);
    await rotate();
    await expectRight();
    const before = await versions();
    release.resolve();
    signal(first, 'SIGCONT');
    await sleep(2000);
    proxy.decide(() => 'forward');
    expect(await versions()).toEqual(before);
  });

  it('two processes both believed that they lead; and they do not fight', async () => {
    const { cluster, product } = world();
    const proxy: ApiProxy = await startApiProxy(cluster);
    proxy.decide(fakeLease());
    const kubeconfig = await proxy.kubeconfigFor('pullkeeper', NAMESPACE);
    const usurper = await product.startReplica([`--kubeconfig=${kubeconfig}`]);
    onTestFinished(async () => {
      await usurper.program.stop('SIGINT');
      await proxy.close();
    });
    await untilLeading(usurper);
    expect(await isLeading(first)).toBe(true);

    const before = await countRequests(cluster);
    const rotations = 5;
    for (let i = 0; i < rotations; i++) {
      await rotate();
      await expectRight();
    }
    // All is right as soon as one has written it: what the other had begun is still to be refused.
    await Promise.all([untilIdle(first), untilIdle(usurper)]);
    const during = await countRequests(cluster);
    // Each may try each write, and one of the two is refused.
    const writes = during.count(['APPLY'], 'secrets') - before.count(['APPLY'], 'secrets');
    expect(writes).toBeLessThanOrEqual(2 * rotations * names.length);
    await sleep(2000);
    const after = await countRequests(cluster);
    expect(after.count(['APPLY', 'DELETE'], 'secrets')).toBe(during.count(['APPLY', 'DELETE'], 'secrets'));

    expect(await readUnforeseen(usurper)).toEqual([]);
  });

  it('the API server was away for longer than the lease, with nobody else to lead', async () => {
    onTestFinished(restoreOrder);
    await second.program.stop('SIGINT');
    const { apiServer } = world().cluster;
    await apiServer.stop();
    while (await isLeading(first)) await sleep(50);
    await apiServer.start();
    await rotate();
    await expectRight();
  });

  // The last one: the first replica is another process after it.
  it('the leader was killed in the middle of a rotation, and another one took over', async () => {
    expectKill();
    await beginRotation();
    await first.program.stop('SIGKILL');
    await untilLeading(second);
    await expectRight();
    await first.program.start();
    expect(await readUnforeseen(first)).toEqual([]);
    expect(await readUnforeseen(second)).toEqual([]);
  });
});
