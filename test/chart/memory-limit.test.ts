import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { expect, it } from 'vitest';
import { SERVER_LIMITS } from '../../src/http/limits.ts';
import { CHART } from '../../tools/chart/render.ts';

const MIB = 2 ** 20;

// Measured: a replica at rest, and what a connection adds that has sent 64 KiB of a body and holds the rest back (1131 of them
// made 125 MiB 388).
const AT_REST = 130 * MIB;
const HELD_CONNECTION = 232 * 1024;

it("a replica's memory limit is above what strangers can make it hold by the server's limits", async () => {
  const values = parse(await readFile(join(CHART, 'values.yaml'), 'utf8')) as {
    readonly resources: { readonly limits: { readonly memory: string } };
  };
  const limit = /^(\d+)Mi$/.exec(values.resources.limits.memory)?.[1];
  const held = AT_REST + SERVER_LIMITS.mostConnections * HELD_CONNECTION + SERVER_LIMITS.largeBytes;
  expect(Number(limit) * MIB).toBeGreaterThan(held);
});
