import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { startFuzzServer } from './fuzz-server.ts';
import { fuzz, type Finding } from './fuzz.ts';

const help = `npm run fuzz:reviews -- [--cases N] [--seed S] [--save]
Sends mutated AdmissionReviews to the product's HTTPS server. Each answer must be a review whose patch applies, or a 4xx;
and the server's heap must not grow.
  --cases N   how many (default 10000)
  --seed S    an integer that makes the same cases again (default: another every time)
  --save      keep what fails as a file under test/fixtures/reviews/, which the tests send from then on`;

/** What is kept by chance (compiled code, caches that fill up) is less; 16 bytes leaked a case are more, over a million. */
const GROWTH_BYTES = 8 * 1024 * 1024;
const FIXTURES = join(import.meta.dirname, '../../test/fixtures/reviews');

const { values } = parseArgs({
  options: {
    cases: { type: 'string' },
    seed: { type: 'string' },
    save: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) console.log(help);
else process.exitCode = await run(readNumber('cases', 10_000), readNumber('seed', Math.trunc(Math.random() * 2 ** 31)));

function readNumber(name: 'cases' | 'seed', otherwise: number): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  if (!/^[0-9]{1,10}$/.test(text)) throw new Error(`--${name} is a number, not ${text}`);
  return Number(text);
}

async function run(cases: number, seed: number): Promise<number> {
  console.log(`seed ${seed}`);
  await using server = await startFuzzServer();
  const startedAt = performance.now();
  // The first cases warm the server up: what it compiles and caches then is no leak. Each part has cases of its own.
  const parts = [Math.ceil(cases / 10), Math.floor(cases * 0.45), Math.floor(cases * 0.45)];
  const heaps: number[] = [];
  const statuses = new Map<number, number>();
  for (const [part, count] of parts.entries()) {
    const result = await fuzz({
      server,
      cases: count,
      seed: seed + part,
      onProgress: (done) => console.log(`part ${part + 1}: ${done} cases`),
    });
    for (const [status, times] of result.statuses) statuses.set(status, (statuses.get(status) ?? 0) + times);
    if (result.finding !== undefined) {
      await tell(result.finding, seed + part);
      return 1;
    }
    heaps.push(await server.heapBytes());
  }
  const [start = 0, middle = 0, end = 0] = heaps;
  const counts = [...statuses]
    .toSorted(([left], [right]) => left - right)
    .map(([status, times]) => `${times} × ${status}`);
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`${cases} reviews in ${seconds.toFixed(1)} s: ${counts.join(', ')}`);
  console.log(
    `heap after garbage collection: ${[start, middle, end].map((bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`).join(', ')}`,
  );
  if (end - middle <= GROWTH_BYTES) return 0;
  console.log('the heap grows');
  return 1;
}

async function tell({ number, fault, request }: Finding, seed: number): Promise<void> {
  console.log(
    `case ${number} of seed ${seed}: ${fault}\nPOST ${request.path}\n${request.body.toString('utf8').slice(0, 4000)}`,
  );
  if (values.save !== true) return;
  const file = join(FIXTURES, `${request.path.slice(1)}-${seed}-${number}.body`);
  await mkdir(FIXTURES, { recursive: true });
  await writeFile(file, request.body);
  console.log(`saved as ${relative(process.cwd(), file)}`);
}
