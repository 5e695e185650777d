import type { Figure } from './scale-figures.ts';
import { readCpuSeconds, untilQuiet } from './scale-footprint.ts';
import { growTo, MANAGED, putSource, teamName, type World } from './scale-world.ts';

/** CPU time of the product for one change of a source, and how many Secrets it wrote for it. */
export interface ChangeCost {
  readonly reached: number;
  readonly namespaces: number;
  readonly cpuMs: number;
  readonly writes: number;
}

/** What a change costs that reaches few namespaces while there are not many more. */
export async function measureReachWithin(world: World): Promise<ChangeCost> {
  await growTo(world, world.sizes.reach.many);
  return measureChange(world, world.sizes.reach.few);
}

/** The same in the large cluster, and one that reaches many. */
export async function measureReach(world: World, within: ChangeCost): Promise<readonly Figure[]> {
  const { sizes } = world;
  await growTo(world, sizes.namespaces);
  const few = await measureChange(world, sizes.reach.few);
  const many = await measureChange(world, sizes.reach.many);
  return [
    {
      what: `a source that reaches ${few.reached}: CPU for a change among ${few.namespaces} to among ${within.namespaces}`,
      measured: few.cpuMs / within.cpuMs,
      unit: '',
      // Not with all namespaces: ten times as many must not cost several times as much.
      atMost: 2,
      from: `${describe(few)} to ${describe(within)}`,
    },
    {
      what: `among ${few.namespaces}: CPU for a change that reaches ${few.reached} to one that reaches ${many.reached}`,
      measured: few.cpuMs / many.cpuMs,
      unit: '',
      // Reaching a hundredth is to cost well below a tenth.
      atMost: 10 * (few.reached / many.reached),
      from: `${describe(few)} to ${describe(many)}`,
    },
  ];
}

function describe({ cpuMs, writes }: ChangeCost): string {
  return `${cpuMs.toFixed(1)} ms and ${writes} writes`;
}

/** One namespace's Secret is written ten times at once and then every 3 s (WRITE_PACE in src/controller.ts). */
const CHANGES_OF_MANY = 4;

/** Several changes, one after another, each of a source of its own with namespaces of its own as far as there are enough. */
async function measureChange(world: World, reached: number): Promise<ChangeCost> {
  const { api, seen, product, teams, say } = world;
  const groups = Math.min(20, Math.floor(teams.length / reached));
  const changes = Math.max(groups, CHANGES_OF_MANY);
  for (let group = 0; group < groups; group++) await change(group, 'before');

  await untilQuiet(world);
  const [cpuBefore, writesBefore] = [await readCpuSeconds(world), await readWrites()];
  for (let number = 0; number < changes; number++) await change(number % groups, `change-${number}`);
  await untilQuiet(world);
  const cpuMs = (((await readCpuSeconds(world)) - cpuBefore) * 1000) / changes;
  const writes = ((await readWrites()) - writesBefore) / changes;
  say(`a change that reaches ${reached} of ${teams.length}: ${cpuMs.toFixed(1)} ms CPU, ${writes} writes`);
  return { reached, namespaces: teams.length, cpuMs, writes };

  async function change(group: number, password: string): Promise<void> {
    const names = Array.from({ length: reached }, (_, index) => teamName(group * reached + index));
    const done = seen.changes(MANAGED, names);
    await putSource(api, `reaches-${reached}-of-${teams.length}-${group}`, names.join(','), password);
    await done;
  }

  async function readWrites(): Promise<number> {
    return (await product.replica.metric(UPDATES)) ?? 0;
  }
}

const UPDATES = 'pullkeeper_secret_plans_total{action="update",code="content-changed"}';
