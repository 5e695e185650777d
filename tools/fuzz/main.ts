import { parseArgs } from 'node:util';
import { startOracle } from '../oracle/oracle.ts';
import { formatFinding, fuzz } from './fuzz.ts';

const help = `npm run fuzz -- [--cases N] [--seed S]
Runs generated images, registry keys, sources and selectors through the kubelet's own code and ours.
  --cases N   how many (default 100000)
  --seed S    an integer that makes the same cases again (default: another every time)`;

const { values } = parseArgs({
  options: { cases: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help === true) console.log(help);
else
  process.exitCode = await run(readNumber('cases', 100_000), readNumber('seed', Math.trunc(Math.random() * 2 ** 31)));

function readNumber(name: 'cases' | 'seed', otherwise: number): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  if (!/^[0-9]{1,10}$/.test(text)) throw new Error(`--${name} is a number, not ${text}`);
  return Number(text);
}

async function run(cases: number, seed: number): Promise<number> {
  console.log(`seed ${seed}`);
  await using oracle = await startOracle();
  let told = 0;
  const finding = await fuzz({
    oracle,
    cases,
    seed,
    onProgress(done) {
      if (done - told < 50_000 && done < cases) return;
      told = done;
      console.log(`${done} cases`);
    },
  });
  if (finding === undefined) {
    console.log('no disagreement');
    return 0;
  }
  console.log(formatFinding(finding));
  return 1;
}
