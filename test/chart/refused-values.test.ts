import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { renderChart } from '../../tools/chart/render.ts';
import { ensureHelm } from '../../tools/chart/helm.ts';
import { BUILD_MS, RENDER_MS } from './times.ts';

const CASES = join(import.meta.dirname, '../fixtures/chart/refused');

let helm: string;

beforeAll(async () => {
  helm = await ensureHelm();
}, BUILD_MS);

describe('values that are refused, and what is said of them', { timeout: RENDER_MS }, () => {
  it.each(readdirSync(CASES))('%s', async (name) => {
    const folder = join(CASES, name);
    const refused = renderChart({ helm, namespace: 'pk', valueFiles: [join(folder, 'values.yaml')] });
    const sentence = readFileSync(join(folder, 'sentence.txt'), 'utf8').trimEnd();
    await expect(refused).rejects.toThrow(sentence);
  });
});

describe('a cluster that has no ValidatingAdmissionPolicies', { timeout: RENDER_MS }, () => {
  it('is refused', async () => {
    await expect(renderChart({ helm, namespace: 'pk', kubernetes: '1.29.9' })).rejects.toThrow(
      'chart requires kubeVersion: >=1.30.0-0 which is incompatible with Kubernetes v1.29.9',
    );
    await expect(renderChart({ helm, namespace: 'pk', kubernetes: '1.30.0-gke.100' })).resolves.toContain('pullkeeper');
  });
});

describe('a namespace that is not Pullkeeper’s own', { timeout: RENDER_MS }, () => {
  it.each(['default', 'kube-system', 'kube-public', 'kube-node-lease'])('%s is refused', async (namespace) => {
    await expect(renderChart({ helm, namespace })).rejects.toThrow(
      `Pullkeeper reads every Secret of its own namespace, and that must not be ${namespace}: install it with --namespace pullkeeper-system --create-namespace`,
    );
  });
});
