import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFuzzServer, type FuzzServer } from '../../tools/fuzz-reviews/fuzz-server.ts';
import { findFault } from '../../tools/fuzz-reviews/judge.ts';

// Bodies that fuzzing found, or might have. A file's name begins with the path that it is sent to.
const FOLDER = join(import.meta.dirname, '../fixtures/reviews');

let server: FuzzServer;

beforeAll(async () => {
  server = await startFuzzServer();
}, 30_000);
afterAll(async () => server[Symbol.asyncDispose]());

it.for(await readdir(FOLDER))('%s ends in a review whose patch applies, or in a 4xx', async (file) => {
  const body = await readFile(join(FOLDER, file));
  const request = { path: file.startsWith('validate-') ? '/validate' : '/mutate', body } as const;
  expect(findFault(request, await server.ask(request))).toBeUndefined();
});
