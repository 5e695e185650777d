import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAdmin } from '../cluster/admin.ts';
import { createNamespaceAndPod, floodWithNames } from '../cluster/forger.ts';
import { MACHINE_SLOWNESS } from './settings.ts';
import { startWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
  const admin = createAdmin(world.cluster);
  await admin.source('harbor', { server: 'harbor.example.com', namespaces: '*' });
});
afterAll(() => world.stop());

it('Pods of namespaces that the watch tells of late get their reference, beside a flood of reviews for random ones', async () => {
  const { api, product, proxy } = world;
  proxy.decide(({ path, isWatch }) => (isWatch && path === '/api/v1/namespaces' ? { lagMs: 300 } : 'forward'));
  proxy.cutWatches();
  // Ten times what Pullkeeper looks up in a second.
  await using flood = floodWithNames(product, 200 / MACHINE_SLOWNESS);
  await expect.poll(flood.sent, { timeout: 20_000 }).toBeGreaterThan(400);
  const names = Array.from({ length: 40 }, (_, index) => `late-${index}`);
  const references: (readonly string[])[] = [];
  for (const name of names) references.push(await createNamespaceAndPod(api, name));
  expect(references).toEqual(names.map(() => ['pullkeeper']));
});
