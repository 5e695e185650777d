import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { renderChart } from '../../tools/chart/render.ts';
import { ensureHelm } from '../../tools/chart/helm.ts';
import { BUILD_MS, RENDER_MS } from './times.ts';
import { describeChanges, readObjects } from './rendered-objects.ts';

const CASES = join(import.meta.dirname, '../fixtures/chart/accepted');

let helm: string;
let defaults: ReturnType<typeof readObjects>;

beforeAll(async () => {
  helm = await ensureHelm();
  defaults = readObjects(await renderChart({ helm, namespace: 'pk' }));
}, BUILD_MS);

describe('values change of the rendering what they are for', { timeout: RENDER_MS }, () => {
  it.each(readdirSync(CASES))('%s', async (name) => {
    const folder = join(CASES, name);
    const rendering = { helm, namespace: 'pk', valueFiles: [join(folder, 'values.yaml')] };
    const rendered = await renderChart(rendering);
    expect(await renderChart(rendering), 'rendered twice').toBe(rendered);
    await expect(describeChanges(defaults, readObjects(rendered))).toMatchFileSnapshot(join(folder, 'changes.yaml'));
  });
});
