// Does what makes V8 enlarge its heap, has it give back what it can, and does the same again. Prints how large a half of the
// young generation was after each of the three, and the whole heap at its largest, in bytes.

import { setImmediate as turn } from 'node:timers/promises';
import { limitHeapGrowth, youngHalfBytes } from '../src/heap-growth.ts';
import { exposeGarbageCollector } from './support/garbage-collector.ts';

if (process.argv[2] === 'limited') limitHeapGrowth();
const collect = exposeGarbageCollector();

let whole = 0;

async function grow(): Promise<number> {
  const kept: unknown[] = [];
  for (let round = 0; round < 4000; round++) {
    // Some of what is made stays for a while, as objects of a list do while its pages come in.
    kept.push(
      JSON.parse(JSON.stringify(Array.from({ length: 100 }, (_, index) => ({ name: `name-${round}-${index}` })))),
    );
    if (kept.length > 1000) kept.splice(0, 500);
    whole = Math.max(whole, process.memoryUsage().heapTotal);
    // What limits it is told of a collection a turn later.
    await turn();
  }
  return youngHalfBytes();
}

const grown = await grow();
collect({ type: 'major', flavor: 'last-resort' });
const shrunk = youngHalfBytes();
console.log(JSON.stringify({ grown, shrunk, again: await grow(), whole }));
