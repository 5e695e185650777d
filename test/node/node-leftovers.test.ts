import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test, vi } from 'vitest';
import { removeAbandonedFolders } from '../../tools/cluster/data-folder.ts';
import { CONTAINER_FOLDERS } from '../../tools/cluster/node/node-place.ts';
import { NOTHING, useScratch } from '../cluster/leftovers.ts';
import { findProblem } from './problem.ts';

const problem = await findProblem();

describe.skipIf(problem !== undefined)(`of a node${problem === undefined ? '' : `: ${problem}`}`, () => {
  const scratch = useScratch();

  interface Kept {
    readonly keeper: ChildProcess;
    readonly launcherPid: number;
    readonly containers: readonly string[];
  }

  async function keepNode(): Promise<Kept> {
    const keeper = spawn(process.execPath, [join(import.meta.dirname, 'keep-node-program.ts')], {
      env: scratch().env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: keeper.stdout }), 'line')) as [string];
    const { folder, entrance } = JSON.parse(line) as { folder: string; entrance: string[] };
    const [node = ''] = CONTAINER_FOLDERS;
    const containers = await readdir(join(folder, node));
    expect(await controlGroups(containers)).not.toEqual([]);
    return { keeper, launcherPid: Number(/\d+/.exec(entrance.join(' '))?.[0]), containers };
  }

  test('nothing is left when the process that started it is killed', async () => {
    const { keeper, containers } = await keepNode();
    keeper.kill('SIGKILL');
    await vi.waitFor(async () => expect(await scratch().leftovers()).toEqual(NOTHING), {
      timeout: 20_000,
      interval: 50,
    });
    expect(await controlGroups(containers)).toEqual([]);
  });

  test('files alone are left when all that could clean up are killed, and the next cluster removes them', async () => {
    const { keeper, launcherPid, containers } = await keepNode();
    keeper.kill('SIGKILL');
    process.kill(launcherPid, 'SIGKILL');
    await vi.waitFor(async () => expect((await scratch().leftovers()).processes).toEqual([]), {
      timeout: 20_000,
      interval: 50,
    });
    expect((await scratch().leftovers()).files).toHaveLength(1);
    // A process that ends has no command line any more before its socket is closed.
    await vi.waitFor(
      async () => {
        await removeAbandonedFolders(scratch().path);
        expect(await scratch().leftovers()).toEqual(NOTHING);
      },
      { timeout: 5000, interval: 50 },
    );
    expect(await controlGroups(containers)).toEqual([]);
  });
});

/** The containers' control groups that are there, in any hierarchy: a group with a process cannot be removed. */
async function controlGroups(containers: readonly string[]): Promise<string[]> {
  const hierarchies = ['.', ...(await readdir('/sys/fs/cgroup'))];
  const found = await Promise.all(
    hierarchies.map((name) => readdir(join('/sys/fs/cgroup', name, 'k8s.io')).catch(() => [])),
  );
  return found.flat().filter((name) => containers.includes(name));
}
