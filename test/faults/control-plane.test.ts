import { cp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { etcdSocket } from '../../tools/cluster/command-lines.ts';
import { useRotation } from './rotation.ts';
import { FAULT_MS } from './settings.ts';

const { world, rotate, beginRotation, expectRight, expectFollower } = useRotation({ isDirect: true });

/** Until the API server carries out a write again: it has to notice that etcd is back. */
async function untilWritable(): Promise<void> {
  for (;;) {
    try {
      await world().api.call({
        method: 'PATCH',
        path: '/api/v1/namespaces/theirs',
        contentType: 'application/merge-patch+json',
        body: { metadata: { annotations: { at: String(performance.now()) } } },
        timeoutMs: 500,
      });
      return;
    } catch {
      await sleep(20);
    }
  }
}

async function callEtcd(path: string, body: unknown): Promise<unknown> {
  const socketPath = etcdSocket(world().cluster.folder);
  const call = request({ socketPath, path, method: 'POST', headers: { 'content-type': 'application/json' } });
  call.end(JSON.stringify(body));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  return JSON.parse(await text(response));
}

describe('every managed Secret is right after', () => {
  it('the API server was stopped in the middle of a rotation, and started', async () => {
    const { apiServer } = world().cluster;
    await beginRotation();
    await apiServer.stop();
    await sleep(FAULT_MS);
    await apiServer.start();
    await expectRight();
  });

  it('the API server was stopped and started again and again', async () => {
    const { apiServer } = world().cluster;
    for (let i = 0; i < 3; i++) {
      await rotate();
      await apiServer.stop();
      await apiServer.start();
    }
    await expectRight();
  });

  it('etcd was stopped in the middle of a rotation, and started', async () => {
    const { etcd } = world().cluster;
    await beginRotation();
    await etcd.stop();
    await sleep(FAULT_MS);
    await etcd.start();
    await untilWritable();
    await expectRight();
  });

  it('etcd was compacted and the API server knows nothing of what a watch was behind by', async () => {
    const { cluster, product, api, truth } = world();
    // The replica hears nothing meanwhile.
    const { pid } = product.replica.program;
    process.kill(pid ?? 0, 'SIGSTOP');
    await rotate();
    for (const name of ['n-0', 'n-1']) {
      await api.call({ method: 'DELETE', path: `/api/v1/namespaces/${name}/secrets/pullkeeper` });
    }
    await truth.enableNamespaces(['after-compaction']);
    const { header } = (await callEtcd('/v3/kv/range', { key: Buffer.from('x').toString('base64') })) as {
      header: { revision: string };
    };
    await callEtcd('/v3/kv/compaction', { revision: header.revision, physical: true });
    await cluster.apiServer.stop();
    await cluster.apiServer.start();
    process.kill(pid ?? 0, 'SIGCONT');
    await expectRight();
    await expectFollower('after-compaction');
    const expired = await product.replica.metric(
      'pullkeeper_watch_errors_total{watch="managed Secrets",reason="Expired"}',
    );
    expect(expired).toBeGreaterThan(0);
  });

  it('etcd was restored from a backup, and the API server knows less than the replica does', async () => {
    const { cluster, truth } = world();
    const data = join(cluster.folder, 'etcd');
    const backup = `${data}.backup`;
    await stopControlPlane();
    await cp(data, backup, { recursive: true });
    await startControlPlane();
    // A version that no later one of the restored etcd reaches soon, and Secrets and a namespace that it will not have.
    await truth.enableNamespaces(['after-the-backup']);
    for (let i = 0; i < 5; i++) await rotate();
    await expectRight();
    await stopControlPlane();
    await rm(data, { recursive: true });
    await cp(backup, data, { recursive: true });
    await startControlPlane();
    await rotate();
    await expectRight();
    await truth.enableNamespaces(['after-the-restoration']);
    await expectFollower('after-the-restoration');
    expect([...(await truth.held()).keys()]).not.toContain('after-the-backup');
  });

  async function stopControlPlane(): Promise<void> {
    await world().cluster.apiServer.stop();
    await world().cluster.etcd.stop();
  }

  async function startControlPlane(): Promise<void> {
    await world().cluster.etcd.start();
    await world().cluster.apiServer.start();
    await untilWritable();
  }
});
