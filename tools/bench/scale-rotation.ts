import { describeCpu, readCpuTimes, sharePerWrite, type CpuTimes } from './scale-cpu.ts';
import { percentile, type Figure } from './scale-figures.ts';
import { createPlainLoop } from './scale-plain-loop.ts';
import { growTo, MANAGED, PLAIN, putSource, teamName, type World } from './scale-world.ts';

/** A credential rotated across many namespaces, against a loop of the same PATCHes. Rounds take turns. */
export async function measureRotations(world: World): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { namespaces, rounds } of world.sizes.rotations) {
    figures.push(...(await measureRotation(world, namespaces, rounds)));
  }
  return figures;
}

/** How long all Secrets took, and how much CPU time one of them took of each program. */
interface Taken {
  readonly ms: number;
  readonly cpu: CpuTimes;
}

async function measureRotation(world: World, namespaces: number, rounds: number): Promise<readonly Figure[]> {
  const { api, say } = world;
  const source = `rotated-${namespaces}`;
  await putSource(api, source, 'team-*', password(0));
  await growTo(world, namespaces);
  const reached = Array.from({ length: namespaces }, (_, index) => teamName(index));
  // Namespaces of parts before this one would be written as well: the scope names those that are counted.
  if (world.teams.length !== namespaces)
    throw new Error('the rotations come in ascending order, and before all others');
  const loop = await createPlainLoop(api, teamName(0));
  await loop.writeAll(reached, password(0));

  const plain: Taken[] = [];
  const product: Taken[] = [];
  async function rotatePlainly(round: number): Promise<void> {
    plain.push(await take(world, PLAIN, reached, () => loop.writeAll(reached, password(round))));
  }
  async function rotate(round: number): Promise<void> {
    product.push(await take(world, MANAGED, reached, () => putSource(api, source, 'team-*', password(round))));
  }
  for (let round = 1; round <= rounds; round++) {
    // What one side leaves behind, such as garbage in the API server, must not be the same other side's burden each time.
    for (const side of round % 2 === 1 ? [rotatePlainly, rotate] : [rotate, rotatePlainly]) await side(round);
    say(`rotation over ${namespaces}: plain ${describe(plain.at(-1))}; product ${describe(product.at(-1))}`);
  }

  const ratios = plain.map(({ ms }, round) => ms / (product[round]?.ms ?? Number.NaN));
  const rate = (times: readonly Taken[]): string => `${((namespaces / middle(times).ms) * 1000).toFixed(0)}/s`;
  const [ofProduct, ofPlain] = [middle(product).cpu, middle(plain).cpu];
  return [
    {
      what: `rotation over ${namespaces} namespaces: Secrets/s to a plain loop's`,
      measured: percentile(ratios, 0.5),
      unit: '',
      atLeast: 0.8,
      from: `${rate(product)} to ${rate(plain)}, the middle one of ${rounds} rounds`,
    },
    {
      what: `rotation over ${namespaces} namespaces: CPU for one Secret, of all programs, to a plain loop's`,
      measured: sum(ofProduct) / sum(ofPlain),
      unit: '',
      from: `${describeCpu(ofProduct)}; plain: ${describeCpu(ofPlain)}`,
    },
  ];
}

/** From the call to the moment at which the last Secret was seen to have changed. */
async function take(
  world: World,
  name: string,
  namespaces: readonly string[],
  work: () => Promise<void>,
): Promise<Taken> {
  const cpuBefore = await readCpuTimes(world);
  const done = world.seen.changes(name, namespaces);
  const start = performance.now();
  await work();
  const ms = (await done) - start;
  return { ms, cpu: sharePerWrite(cpuBefore, await readCpuTimes(world), namespaces.length) };
}

function middle(rounds: readonly Taken[]): Taken {
  const ms = percentile(
    rounds.map((round) => round.ms),
    0.5,
  );
  const found = rounds.find((round) => round.ms === ms);
  if (found === undefined) throw new Error('no round was measured');
  return found;
}

function sum({ apiServer, etcd, product, benchmark }: CpuTimes): number {
  return apiServer + etcd + product + benchmark;
}

function describe(taken: Taken | undefined): string {
  return taken === undefined ? '' : `${taken.ms.toFixed(0)} ms (${describeCpu(taken.cpu)})`;
}

/** Of one length, so that every round writes as many bytes. */
function password(round: number): string {
  return `rotated-${String(round).padStart(4, '0')}`;
}
