import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { VERSION_VARIABLE } from '../../tools/cluster/kubernetes-version.ts';
import { findFreePort } from '../../tools/cluster/loopback-port.ts';
import { ensureControlPlane, type ControlPlaneProgram } from '../../tools/cluster/programs.ts';
import { startCluster } from '../../tools/cluster/start-cluster.ts';
import { NOTHING, useScratch } from './leftovers.ts';

const CLUSTER_COMMAND = join(import.meta.dirname, '../../tools/cluster/main.ts');
const GET_GO = 'Install it from https://go.dev/dl, put its bin folder on your PATH, and try again.';

const scratch = useScratch();

/** A folder as KUBEBUILDER_ASSETS names one, with these programs in it. */
async function createAssets(names: readonly ControlPlaneProgram[]): Promise<string> {
  const built = await ensureControlPlane();
  const folder = join(scratch().path, 'assets');
  await mkdir(folder);
  for (const name of names) await symlink(built[name], join(folder, name));
  return folder;
}

/** An environment in which nothing can be built and nothing was. Another version of Kubernetes needs another version of Go. */
function withoutGo(): NodeJS.ProcessEnv {
  return {
    ...scratch().env,
    PATH: join(scratch().path, 'no-such-folder'),
    XDG_CACHE_HOME: join(scratch().path, 'cache'),
    [VERSION_VARIABLE]: undefined,
  };
}

describe('a start that fails', () => {
  test('names the program, shows the end of its log, and cleans up', async () => {
    const start = startCluster({ env: scratch().env, apiServerFlags: ['--no-such-flag'] });
    await expect(start).rejects.toMatchObject({
      program: 'kube-apiserver',
      message:
        'kube-apiserver ended with code 1 before it answered. Its log ends with:\nError: unknown flag: --no-such-flag',
    });
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('is one message and exit code 1 on the command line', async () => {
    const run = promisify(execFile)(process.execPath, [CLUSTER_COMMAND, '--api-server-flag=--no-such-flag'], {
      env: scratch().env,
    });
    await expect(run).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'kube-apiserver ended with code 1 before it answered. Its log ends with:\nError: unknown flag: --no-such-flag\n',
    });
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('is undone when its signal is aborted', async () => {
    const reason = new Error('no longer wanted');
    const controller = new AbortController();
    const start = startCluster({ env: scratch().env, signal: controller.signal });
    await expect
      .poll(async () => (await scratch().processes()).size, { interval: 20, timeout: 20_000 })
      .toBeGreaterThan(1);
    controller.abort(reason);
    await expect(start).rejects.toBe(reason);
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });
});

describe('the port', () => {
  test('is another one when the first is taken by the time it is used', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const taken = (holder.address() as AddressInfo).port;
    const free = await findFreePort();
    const choices = [taken, free];
    await using cluster = await startCluster({ choosePort: async () => choices.shift() ?? 0 });
    expect(cluster.server).toBe(`https://127.0.0.1:${free}`);
    holder.close();
  });

  test('stays below those that the kernel gives to connections', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, findFreePort));
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
    expect(Math.max(...ports)).toBeLessThanOrEqual(32_767);
  });
});

describe('without Go', () => {
  test('a clear sentence says how to get it', async () => {
    await expect(startCluster({ env: withoutGo() })).rejects.toMatchObject({
      name: 'ProgramsError',
      message:
        'etcd, kube-apiserver, kube-controller-manager, kubectl must be built. ' +
        `Go 1.26.0 or newer is needed, and there is no go on your PATH. ${GET_GO}`,
    });
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('the command line says only that, with exit code 1', async () => {
    const run = promisify(execFile)(process.execPath, [CLUSTER_COMMAND], { env: withoutGo() });
    await expect(run).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'etcd, kube-apiserver, kube-controller-manager, kubectl must be built. ' +
        `Go 1.26.0 or newer is needed, and there is no go on your PATH. ${GET_GO}\n`,
    });
  });

  test('programs in KUBEBUILDER_ASSETS need not be built, the others must', async () => {
    const folder = await createAssets(['etcd', 'kube-apiserver', 'kubectl']);
    await expect(startCluster({ env: { ...withoutGo(), KUBEBUILDER_ASSETS: folder } })).rejects.toThrow(
      'kube-controller-manager must be built. Go 1.26.0 or newer is needed',
    );
  });

  test('a cluster of KUBEBUILDER_ASSETS alone starts', async () => {
    const folder = await createAssets(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl']);
    await using cluster = await startCluster({ env: { ...withoutGo(), KUBEBUILDER_ASSETS: folder } });
    const lines = [...(await scratch().processes()).values()].map((line) => line.split(' ')[0]);
    expect(lines).toEqual(expect.arrayContaining([join(folder, 'etcd'), join(folder, 'kube-apiserver')]));
    expect(cluster.kubectlFile).toBe(join(folder, 'kubectl'));
  });

  test('a KUBEBUILDER_ASSETS that is no folder is a mistake, not a wish to build', async () => {
    await expect(startCluster({ env: { ...withoutGo(), KUBEBUILDER_ASSETS: '/no/such/folder' } })).rejects.toThrow(
      /^KUBEBUILDER_ASSETS names \/no\/such\/folder, which is not a readable folder$/,
    );
  });
});

describe('the command line', () => {
  test('--help says what it does', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [CLUSTER_COMMAND, '--help']);
    expect(stdout).toMatch(/^Usage: npm run cluster/);
  });

  test('refuses what it does not know, with exit code 2', async () => {
    const run = promisify(execFile)(process.execPath, [CLUSTER_COMMAND, '--fast']);
    await expect(run).rejects.toMatchObject({
      code: 2,
      stderr: "Unknown option '--fast'\nnpm run cluster -- --help says what there is.\n",
    });
  });
});
