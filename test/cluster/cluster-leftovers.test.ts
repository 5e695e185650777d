import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { startCluster } from '../../tools/cluster/start-cluster.ts';
import { NOTHING, useScratch } from './leftovers.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const CLUSTER_COMMAND = join(REPOSITORY, 'tools/cluster/main.ts');

/** etcd, kube-apiserver, kube-controller-manager, and the supervisor that owns them. */
const PROCESSES = 4;

const scratch = useScratch();

async function supervisorPid(): Promise<number> {
  const [pid] = [...(await scratch().processes())].find(([, line]) => line.includes('supervisor.ts')) ?? [];
  if (pid === undefined) throw new Error('no supervisor runs');
  return pid;
}

/** Runs a command that keeps a cluster, and resolves when it has said that the cluster is ready. */
async function runKeeper(file: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(file, args, {
    cwd: REPOSITORY,
    env: scratch().env,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('Ctrl-C')) break;
  }
  expect((await scratch().processes()).size).toBe(PROCESSES);
  return child;
}

/** The supervisor has the command's standard output open too, so that ends when both have ended. */
async function untilAllEnded(child: ChildProcess): Promise<void> {
  child.stdout?.resume();
  await once(child, 'close');
}

describe('no process and no file is left', () => {
  test('by stop', async () => {
    const cluster = await startCluster({ env: scratch().env });
    expect((await scratch().processes()).size).toBe(PROCESSES);
    expect(await scratch().files()).toHaveLength(1);
    await Promise.all([cluster.stop(), cluster.stop()]);
    expect(await scratch().leftovers()).toEqual(NOTHING);
    await cluster.stop();
  });

  test('by stop, with programs that do not react', async () => {
    const cluster = await startCluster({ env: scratch().env });
    process.kill(cluster.apiServer.pid ?? 0, 'SIGSTOP');
    process.kill(cluster.etcd.pid ?? 0, 'SIGSTOP');
    await cluster.stop();
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('by the end of a block that throws', async () => {
    await expect(async () => {
      await using _cluster = await startCluster({ env: scratch().env });
      throw new Error('a failing test');
    }).rejects.toThrow('a failing test');
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('when the command gets %s', async (signal) => {
    const child = await runKeeper(process.execPath, [CLUSTER_COMMAND]);
    child.kill(signal);
    await untilAllEnded(child);
    expect(child.exitCode).toBe(0);
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('when the whole process group gets Ctrl-C, as in a terminal', async () => {
    const child = await runKeeper('npm', ['run', 'cluster']);
    process.kill(-(child.pid ?? Number.NaN), 'SIGINT');
    await untilAllEnded(child);
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('when the command is interrupted while it starts', async () => {
    const child = spawn(process.execPath, [CLUSTER_COMMAND], { env: scratch().env, stdio: ['ignore', 'pipe', 'pipe'] });
    const stderr = text(child.stderr);
    await expect
      .poll(async () => (await scratch().processes()).size, { interval: 20, timeout: 20_000 })
      .toBeGreaterThan(2);
    child.kill('SIGINT');
    await untilAllEnded(child);
    expect(await stderr).toBe('\nstopped by SIGINT while starting; nothing is left behind\n');
    expect(child.exitCode).toBe(130);
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('when the process that started it is killed', async () => {
    const child = await runKeeper(process.execPath, [CLUSTER_COMMAND]);
    child.kill('SIGKILL');
    await untilAllEnded(child);
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('when npm is killed, and with it the whole process group', async () => {
    const child = await runKeeper('npm', ['run', 'cluster']);
    process.kill(-(child.pid ?? Number.NaN), 'SIGKILL');
    await untilAllEnded(child);
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('when npm alone is killed', async () => {
    const child = await runKeeper('npm', ['run', 'cluster']);
    child.kill('SIGKILL');
    await untilAllEnded(child);
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('when the supervisor is killed', async () => {
    const cluster = await startCluster({ env: scratch().env });
    process.kill(await supervisorPid(), 'SIGKILL');
    await cluster.failed;
    await cluster.stop();
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('when all that could clean up are killed: the next cluster does it', async () => {
    const child = await runKeeper(process.execPath, [CLUSTER_COMMAND]);
    const supervisor = await supervisorPid();
    process.kill(supervisor, 'SIGSTOP');
    child.kill('SIGKILL');
    process.kill(supervisor, 'SIGKILL');
    await untilAllEnded(child);
    expect((await scratch().processes()).size).toBe(PROCESSES - 1);
    expect(await scratch().files()).toHaveLength(1);

    const next = await startCluster({ env: scratch().env });
    await expect.poll(async () => (await scratch().files()).length).toBe(1);
    expect((await scratch().processes()).size).toBe(PROCESSES);
    expect(await next.kubectl(['get', '--raw', '/readyz'])).toEqual({ stdout: 'ok', stderr: '', code: 0 });
    await next.stop();
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });
});
