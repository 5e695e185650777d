// `npm run bench:scale`: what the product does in large clusters, against plain loops on the same API server.

import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { Interruption, watchForInterruption } from '../cluster/interruption.ts';
import { ProgramFailure } from '../cluster/managed-program.ts';
import { startCluster } from '../cluster/start-cluster.ts';
import { installPullkeeper } from '../installation/installation.ts';
import { ProgramsError } from '../programs/program-set.ts';
import { createPlainApi } from './scale-api.ts';
import { renderFigures, type Figure } from './scale-figures.ts';
import { measureFootprint } from './scale-footprint.ts';
import { measureLabelling } from './scale-labelling.ts';
import { HELP, readOptions, type ScaleOptions } from './scale-options.ts';
import { measureReach, measureReachWithin } from './scale-reach.ts';
import { measureRotations } from './scale-rotation.ts';
import { NotSeenError, watchSightings } from './scale-sightings.ts';
import { putSource, type World } from './scale-world.ts';

const BUNDLE = join(import.meta.dirname, '../../dist/pullkeeper.js');
/** For namespaces and Pods; the plain loops keep to fewer themselves. */
const CONNECTIONS = 48;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === 'string') {
    process.stderr.write(`${options}\nnpm run bench:scale -- --help says what there is.\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  using interruption = await watchForInterruption(process.env);
  try {
    const { figures, slack } = await measure(options, interruption.signal);
    const { table, passes } = renderFigures(figures, slack);
    console.log(`\n${table}\n`);
    return passes ? 0 : 1;
  } catch (error) {
    if (error instanceof Interruption) {
      process.stderr.write(`\n${error.message}; nothing is left behind\n`);
      return error.exitCode;
    }
    const isTold = [NotSeenError, ProgramsError, ProgramFailure].some((kind) => error instanceof kind);
    if (!(error instanceof Error && isTold)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function measure(
  { sizes, parts, entry }: ScaleOptions,
  signal: AbortSignal,
): Promise<{ figures: readonly Figure[]; slack: number }> {
  const start = performance.now();
  const say = (text: string): void => {
    signal.throwIfAborted();
    console.log(`${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  };
  say(describeMachine());
  const figures: Figure[] = [];
  const inCluster = (work: (world: World) => Promise<void>): Promise<void> =>
    withWorld({ signal, entry: entry ?? BUNDLE, sizes, say }, work);

  if (parts.has('labelling')) {
    await inCluster(async (world) => void figures.push(...(await measureLabelling(world))));
  }
  if ([...parts].some((part) => part !== 'labelling')) {
    // One of their own: the sizes named are all that there is in it.
    await inCluster(async (world) => {
      await world.cluster.controllerManager.stop();
      const within = parts.has('reach') ? await measureReachWithin(world) : undefined;
      if (parts.has('rotation')) figures.push(...(await measureRotations(world)));
      if (parts.has('footprint')) figures.push(...(await measureFootprint(world)));
      if (within !== undefined) figures.push(...(await measureReach(world, within)));
    });
  }
  say('done');
  return { figures, slack: sizes.slack };
}

/** Sets up a control plane with the product in it, and takes both down after the work. */
async function withWorld(
  { signal, entry, sizes, say }: { signal: AbortSignal; entry: string } & Pick<World, 'sizes' | 'say'>,
  work: (world: World) => Promise<void>,
): Promise<void> {
  await using cluster = await startCluster({ signal });
  const product = await installPullkeeper(cluster, { entry, flags: ['--shutdown-delay=0s'] });
  const api = createPlainApi(cluster.admin, CONNECTIONS);
  try {
    await putSource(api, 'everywhere', '*', 'the-same-for-all');
    say('installed');
    const seen = await watchSightings(api, sizes.patienceSeconds * 1000);
    await work({ cluster, product, api, seen, sizes, say, teams: [] });
  } finally {
    await api.close();
  }
}

function describeMachine(): string {
  const [load = 0] = loadavg();
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  return `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), ${memory}, load ${load.toFixed(1)}, Node ${process.version}`;
}

process.exitCode = await main();
