import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from './scale-figures.ts';
import { forEach } from './scale-api.ts';
import { CONCURRENCY, growTo, MANAGED, putSource, type World } from './scale-world.ts';

/** What the product needs in a large cluster: memory, the time to start, CPU at rest. */
export async function measureFootprint(world: World): Promise<readonly Figure[]> {
  const { product, sizes, say, seen, teams, api } = world;
  await growTo(world, sizes.namespaces);
  await addSources(world);
  const { program } = product.replica;

  // By SIGTERM, so that the Lease is given back.
  await program.stop('SIGTERM');
  const start = performance.now();
  await program.start();
  const started = (performance.now() - start) / 1000;
  await untilQuiet(world);
  const items = await product.replica.metric('pullkeeper_watch_items{watch="managed Secrets"}');
  if ((items ?? 0) < sizes.namespaces) throw new Error(`${items} managed Secrets are known`);
  say(`started and synced in ${started.toFixed(2)} s`);

  await sleep(2000);
  const before = await readCpuSeconds(world);
  const restStart = performance.now();
  await sleep(sizes.restSeconds * 1000);
  const cpu = (await readCpuSeconds(world)) - before;
  const rest = (cpu / ((performance.now() - restStart) / 1000)) * 100;
  const atRest = await readMemory(program.pid);

  const done = seen.changes(MANAGED, teams);
  await putSource(api, 'everywhere', '*', 'after-the-start');
  await done;
  await untilQuiet(world);
  const worked = await readMemory(program.pid);

  const size = `${teams.length} namespaces and Secrets, ${sizes.sources} sources`;
  return [
    { what: `${size}: started and synced`, measured: started, unit: 's', atMost: 5 },
    {
      what: `${size}: RSS at rest`,
      measured: atRest.now,
      unit: 'MB',
      atMost: 150,
      from: `highest ${atRest.highest} MB`,
    },
    {
      what: `${size}: RSS after a rotation over all`,
      measured: worked.now,
      unit: 'MB',
      atMost: 150,
      from: `highest ${worked.highest} MB`,
    },
    {
      what: `${size}: CPU at rest, of a core`,
      measured: rest,
      unit: '%',
      atMost: 1,
      from: `${(cpu * 1000).toFixed(0)} ms in ${sizes.restSeconds} s`,
    },
  ];
}

/** Each of a hundredth of the teams, besides those that reach all. */
async function addSources({ api, seen, sizes, teams }: World): Promise<void> {
  const done = seen.changes(MANAGED, teams);
  const indexes = Array.from({ length: sizes.sources - 1 }, (_, index) => index);
  await forEach(indexes, CONCURRENCY, async (index) => {
    await putSource(api, `digits-${index}`, `team-*${String(index % 100).padStart(2, '0')}`, 'digits');
  });
  // The last one is everybody's.
  await putSource(api, 'everyone', 'team-*', 'everyone');
  await done;
}

/** Waits until this replica leads and has looked at every namespace. */
export async function untilQuiet({ product: { replica } }: World): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const [leads, depth] = [await replica.metric('pullkeeper_leader'), await replica.metric(QUEUE)];
    if (leads === 1 && depth === 0) return;
    await sleep(100);
  }
  throw new Error('the product does not come to rest');
}

const QUEUE = 'pullkeeper_reconcile_queue_depth';

export async function readCpuSeconds({ product: { replica } }: World): Promise<number> {
  const seconds = await replica.metric('process_cpu_seconds_total');
  if (seconds === undefined) throw new Error('the product tells no CPU time');
  return seconds;
}

/** Resident memory in MB (10^6 bytes), now and at its highest, as the kernel counts it. */
async function readMemory(pid: number | undefined): Promise<{ readonly now: number; readonly highest: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const read = (field: string): number =>
    Math.round((Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024) / 1e6);
  return { now: read('VmRSS'), highest: read('VmHWM') };
}
