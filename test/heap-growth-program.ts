// Does what makes V8 enlarge its heap, and prints how large the young generation and the whole heap became, in bytes.

import { setImmediate as turn } from 'node:timers/promises';
import { limitHeapGrowth, youngGenerationBytes } from '../src/heap-growth.ts';

if (process.argv[2] === 'limited') limitHeapGrowth();

let [young, whole] = [0, 0];
const kept: unknown[] = [];
for (let round = 0; round < 4000; round++) {
  // Some of what is made stays for a while, as objects of a list do while its pages come in.
  kept.push(
    JSON.parse(JSON.stringify(Array.from({ length: 100 }, (_, index) => ({ name: `name-${round}-${index}` })))),
  );
  if (kept.length > 1000) kept.splice(0, 500);
  young = Math.max(young, youngGenerationBytes());
  whole = Math.max(whole, process.memoryUsage().heapTotal);
  // What limits it is told of a collection a turn later.
  await turn();
}
console.log(JSON.stringify({ young, whole }));
