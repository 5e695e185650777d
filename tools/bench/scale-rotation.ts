import { percentile, type Figure } from './scale-figures.ts';
import { createPlainLoop } from './scale-plain-loop.ts';
import { growTo, MANAGED, PLAIN, putSource, teamName, type World } from './scale-world.ts';

/** A credential rotated across many namespaces, against a loop of the same PATCHes. Rounds take turns. */
export async function measureRotations(world: World): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { namespaces, rounds } of world.sizes.rotations) {
    figures.push(await measureRotation(world, namespaces, rounds));
  }
  return figures;
}

async function measureRotation(world: World, namespaces: number, rounds: number): Promise<Figure> {
  const { api, seen, say } = world;
  const source = `rotated-${namespaces}`;
  await putSource(api, source, 'team-*', password(0));
  await growTo(world, namespaces);
  const reached = Array.from({ length: namespaces }, (_, index) => teamName(index));
  // Namespaces of parts before this one would be written as well: the scope names those that are counted.
  if (world.teams.length !== namespaces)
    throw new Error('the rotations come in ascending order, and before all others');
  const loop = await createPlainLoop(api, teamName(0));
  await loop.writeAll(reached, password(0));

  const plain: number[] = [];
  const product: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    plain.push(
      await time(async () => {
        const done = seen.changes(PLAIN, reached);
        await loop.writeAll(reached, password(round));
        return done;
      }),
    );
    product.push(
      await time(async () => {
        const done = seen.changes(MANAGED, reached);
        await putSource(api, source, 'team-*', password(round));
        return done;
      }),
    );
    say(`rotation over ${namespaces}: plain ${plain.at(-1)?.toFixed(0)} ms, product ${product.at(-1)?.toFixed(0)} ms`);
  }
  const ratios = plain.map((time, round) => time / (product[round] ?? Number.NaN));
  const rate = (times: readonly number[]): string => `${((namespaces / percentile(times, 0.5)) * 1000).toFixed(0)}/s`;
  return {
    what: `rotation over ${namespaces} namespaces: Secrets/s to a plain loop's`,
    measured: percentile(ratios, 0.5),
    unit: '',
    atLeast: 0.8,
    from: `${rate(product)} to ${rate(plain)}, the middle one of ${rounds} rounds`,
  };
}

/** Of one length, so that every round writes as many bytes. */
function password(round: number): string {
  return `rotated-${String(round).padStart(4, '0')}`;
}

/** Ms from the call to the moment that it resolves with. */
async function time(work: () => Promise<number>): Promise<number> {
  const start = performance.now();
  return (await work()) - start;
}
