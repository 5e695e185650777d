import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { useCluster } from './stage.ts';

const { cluster } = useCluster();

describe('programs of a cluster', () => {
  test('the API server stops and starts again with its data', async () => {
    await cluster().kubectl(['create', 'namespace', 'kept']);
    const { pid } = cluster().apiServer;
    await cluster().apiServer.stop();
    expect(cluster().apiServer.pid).toBeUndefined();
    const refused = await cluster().kubectl(['get', 'namespace', 'kept']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('was refused') as string });

    await cluster().apiServer.start();
    expect(cluster().apiServer.pid).not.toBe(pid);
    const kept = await cluster().kubectl(['get', 'namespace', 'kept', '-o', 'name']);
    expect(kept).toEqual({ stdout: 'namespace/kept\n', stderr: '', code: 0 });
  });

  test('etcd is killed and starts again with its data, and the API server finds it', async () => {
    await cluster().kubectl(['create', 'namespace', 'also-kept']);
    await cluster().etcd.stop();
    await cluster().etcd.start();
    await expect
      .poll(() => cluster().kubectl(['get', 'namespace', 'also-kept', '-o', 'name']), { timeout: 20_000 })
      .toEqual({ stdout: 'namespace/also-kept\n', stderr: '', code: 0 });
  });

  test('one that is started twice refuses', async () => {
    await expect(cluster().etcd.start()).rejects.toThrow('etcd runs already');
  });

  // The last one: it ends the cluster.
  test('one that ends by itself is reported, with its name and the end of its log', async () => {
    process.kill(cluster().controllerManager.pid ?? 0, 'SIGKILL');
    const failure = await cluster().failed;
    expect(failure.program).toBe('kube-controller-manager');
    const log = await readFile(cluster().controllerManager.logFile, 'utf8');
    const tail = log.trimEnd().split('\n').slice(-20).join('\n');
    expect(failure.message).toBe(`kube-controller-manager was ended by SIGKILL. Its log ends with:\n${tail}`);
  });
});
