import { percentile, type Figure } from './scale-figures.ts';
import { forEach, MERGE } from './scale-api.ts';
import { createPlainLoop, type PlainLoop } from './scale-plain-loop.ts';
import { startPods } from './scale-pods.ts';
import { CONCURRENCY, createNamespace, ENABLED, MANAGED, PLAIN, type World } from './scale-world.ts';

/** The label by which a namespace asks the plain watch and write for its Secret. */
const PLAIN_LABEL = 'bench.example.com/plain';
/** A namespace whose managed Secret the plain ones are made like, and in which Pods are made. */
const MODEL = 'model';

/** From a namespace's label to its Secret, beyond what a plain watch and one write need; then many namespaces at once. */
export async function measureLabelling(world: World): Promise<readonly Figure[]> {
  const { api, seen, sizes } = world;
  const there = seen.first(MODEL, MANAGED);
  await createNamespace(api, MODEL, ENABLED);
  await there;
  const loop = await createPlainLoop(api, MODEL);
  await answerLabels(world, loop);

  const idle = await labelInTurns(world, 'idle', sizes.labelled);
  const pods = await startPods(world, MODEL, sizes.podsPerSecond);
  const busy = await labelInTurns(world, 'busy', sizes.labelledUnderPods);
  const { rate, injected } = await pods.stop();

  // Its ServiceAccounts and ConfigMaps for every new namespace would be what is measured from here on.
  await world.cluster.controllerManager.stop();
  return [
    beyond('labelled → Secret, p50 beyond a plain watch and write', idle, 0.5, 5),
    beyond('labelled → Secret, p99 beyond it', idle, 0.99, 50),
    {
      ...beyond(`labelled → Secret, p99 beyond it, under ${sizes.podsPerSecond} Pods/s`, busy, 0.99, 250),
      from: `${describe(busy, 0.99)}; ${rate.toFixed(0)} Pods/s admitted, ${(injected * 100).toFixed(1)} % with the reference`,
    },
    await measureCreated(world, loop),
  ];
}

interface Latencies {
  readonly plain: readonly number[];
  readonly product: readonly number[];
}

function beyond(what: string, { plain, product }: Latencies, share: number, atMost: number): Figure {
  return {
    what,
    measured: percentile(product, share) - percentile(plain, share),
    unit: 'ms',
    atMost,
    from: describe({ plain, product }, share),
  };
}

function describe({ plain, product }: Latencies, share: number): string {
  return `${percentile(product, share).toFixed(1)} ms to ${percentile(plain, share).toFixed(1)} ms, ${product.length} each`;
}

/** The plain watch and its one write: no cache, no queue, no check. */
async function answerLabels({ api }: World, loop: PlainLoop): Promise<void> {
  await api.watch('/api/v1/namespaces', 'application/json', ({ type, object: { metadata } }) => {
    if (type === 'MODIFIED' && metadata.labels?.[PLAIN_LABEL] === 'true') void loop.write(metadata.name, 'labelled');
  });
}

/** One namespace at a time, one for the product and one for the plain watch in turn. */
async function labelInTurns({ api, seen, say }: World, name: string, count: number): Promise<Latencies> {
  const indexes = Array.from({ length: count }, (_, index) => index);
  await forEach(indexes, CONCURRENCY, async (index) => {
    await createNamespace(api, `${name}-${index}`, {});
    await createNamespace(api, `${name}-plain-${index}`, {});
  });
  const latencies = { plain: new Array<number>(), product: new Array<number>() };
  async function label(namespace: string, secret: string, labels: Record<string, string>): Promise<number> {
    const appeared = seen.first(namespace, secret);
    const start = performance.now();
    await api.send('PATCH', `/api/v1/namespaces/${namespace}`, { metadata: { labels } }, MERGE);
    return (await appeared) - start;
  }
  for (const index of indexes) {
    latencies.product.push(await label(`${name}-${index}`, MANAGED, ENABLED));
    latencies.plain.push(await label(`${name}-plain-${index}`, PLAIN, { [PLAIN_LABEL]: 'true' }));
  }
  say(`${count} namespaces labelled, ${name}`);
  return latencies;
}

/** Many namespaces at once: each has its Secret, and the last as soon as a loop would have written it. Rounds take turns. */
async function measureCreated({ api, seen, sizes, say }: World, loop: PlainLoop): Promise<Figure> {
  const plain: number[] = [];
  const product: number[] = [];
  async function createPlainly(round: number): Promise<void> {
    const names = namesOf(`created-plain-${round}`, sizes.created);
    const done = seen.changes(PLAIN, names);
    const start = performance.now();
    await forEach(names, sizes.created, async (name) => {
      await createNamespace(api, name, {});
      await loop.write(name, 'created');
    });
    plain.push((await done) - start);
  }
  async function create(round: number): Promise<void> {
    const names = namesOf(`created-${round}`, sizes.created);
    const done = seen.changes(MANAGED, names);
    const start = performance.now();
    await forEach(names, sizes.created, (name) => createNamespace(api, name, ENABLED));
    product.push((await done) - start);
  }
  for (let round = 0; round < sizes.createdRounds; round++) {
    for (const side of round % 2 === 0 ? [createPlainly, create] : [create, createPlainly]) await side(round);
    say(
      `${sizes.created} created at once: plain ${plain.at(-1)?.toFixed(0)} ms, product ${product.at(-1)?.toFixed(0)} ms`,
    );
  }
  const ratios = product.map((ms, round) => ms / (plain[round] ?? Number.NaN));
  const middle = (times: readonly number[]): string => `${percentile(times, 0.5).toFixed(0)} ms`;
  return {
    what: `${sizes.created} namespaces created at once: the last Secret to a plain loop's`,
    measured: percentile(ratios, 0.5),
    unit: '',
    atMost: 1.25,
    from: `${middle(product)} to ${middle(plain)}, the middle one of ${sizes.createdRounds} rounds`,
  };
}

function namesOf(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}
