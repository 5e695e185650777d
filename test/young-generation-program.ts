// Does what makes V8 enlarge the young generation, and prints how large it became, in bytes.

import { setImmediate as turn } from 'node:timers/promises';
import { limitYoungGeneration, youngGenerationBytes } from '../src/young-generation.ts';

if (process.argv[2] === 'limited') limitYoungGeneration();

let largest = 0;
const kept: unknown[] = [];
for (let round = 0; round < 2000; round++) {
  // Some of what is made stays for a while, as objects of a list do while its pages come in.
  kept.push(
    JSON.parse(JSON.stringify(Array.from({ length: 100 }, (_, index) => ({ name: `name-${round}-${index}` })))),
  );
  if (kept.length > 500) kept.splice(0, 250);
  largest = Math.max(largest, youngGenerationBytes());
  if (round % 10 === 0) await turn();
}
console.log(largest);
