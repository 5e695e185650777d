import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { beforeAll, describe, expect, it } from 'vitest';
import { PLAIN_MANIFESTS } from '../../tools/chart/plain-manifests.ts';
import { CHART, renderChart } from '../../tools/chart/render.ts';
import { ensureHelm } from '../../tools/chart/helm.ts';
import { BUILD_MS, RENDER_MS } from './times.ts';
import { readObjects } from './rendered-objects.ts';

const ROOT = join(import.meta.dirname, '../..');

let helm: string;

beforeAll(async () => {
  helm = await ensureHelm();
}, BUILD_MS);

describe('the plain manifests', { timeout: RENDER_MS }, () => {
  it.each(PLAIN_MANIFESTS.map(({ file, render }) => [file.slice(ROOT.length + 1), file, render] as const))(
    '%s is what the chart renders',
    async (_name, file, render) => {
      expect(await readFile(file, 'utf8'), 'run npm run manifests').toBe(await render(helm));
    },
  );

  it('hold what the chart does, and the namespace', async () => {
    const [install] = PLAIN_MANIFESTS;
    const plain = readObjects((await install?.render(helm)) ?? '');
    const chart = readObjects(await renderChart({ helm, namespace: 'pullkeeper-system' }));
    expect([...plain.keys()]).toEqual(['Namespace/pullkeeper-system', ...chart.keys()]);
  });

  it('do not say that Helm manages them', async () => {
    const texts = await Promise.all(PLAIN_MANIFESTS.map(({ render }) => render(helm)));
    expect(texts.join('')).not.toMatch(/helm/i);
  });
});

describe('in another namespace, nothing names the usual one', { timeout: RENDER_MS }, () => {
  const all = ['labelGuard', 'serviceMonitor', 'prometheusRule', 'dashboard', 'networkPolicy'];
  it.each(['selfManaged', 'certManager'])('with tls.mode %s', async (mode) => {
    const values = [...all.map((option) => `${option}.enabled=true`), `tls.mode="${mode}"`];
    const rendered = await renderChart({ helm, release: 'other', namespace: 'pk', values });
    expect(rendered).not.toContain('pullkeeper-system');
  });
});

it('the chart’s appVersion is the program’s', async () => {
  const { appVersion } = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8')) as { appVersion: string };
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(appVersion).toBe(version);
});
