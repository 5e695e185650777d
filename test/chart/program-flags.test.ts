import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readConfig, type Config } from '../../src/config.ts';
import { renderChart } from '../../tools/chart/render.ts';
import { ensureHelm } from '../../tools/chart/helm.ts';
import { BUILD_MS, RENDER_MS } from './times.ts';
import { readObjects, type KubeObject } from './rendered-objects.ts';

const CASES = join(import.meta.dirname, '../fixtures/chart/accepted');

let helm: string;

beforeAll(async () => {
  helm = await ensureHelm();
}, BUILD_MS);

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly { readonly key: string; readonly operator: string; readonly values?: string[] }[];
}

/** Kubernetes' operators, and what the program calls them. */
const OPERATORS: Readonly<Record<string, string>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: 'missing',
};

describe(
  'the program takes the flags that the chart gives it, and they say what the webhook configuration says',
  { timeout: RENDER_MS },
  () => {
    it.each(readdirSync(CASES))('%s', async (name) => {
      const valueFiles = [join(CASES, name, 'values.yaml')];
      const objects = readObjects(await renderChart({ helm, namespace: 'pk', valueFiles }));
      const config = readDeployed(objects.get('Deployment/pullkeeper'));
      const { matchLabels = {}, matchExpressions } = readSelector(
        objects.get('MutatingWebhookConfiguration/pullkeeper'),
      );
      const never = {
        key: 'kubernetes.io/metadata.name',
        operator: 'NotIn',
        values: [config.namespace, 'kube-system', 'kube-node-lease'],
      };
      expect(matchExpressions.at(-1), 'what the program never enables by itself').toEqual(never);
      expect(config.namespaceSelector.requirements).toEqual([
        ...Object.entries(matchLabels).map(([key, value]) => ({ operator: 'in', key, values: [value] })),
        ...matchExpressions.slice(0, -1).map(({ key, operator, values }) => ({
          operator: OPERATORS[operator],
          key,
          ...(values === undefined ? {} : { values }),
        })),
      ]);
      expect(config.namespace).toBe('pk');
      const right = JSON.stringify(objects.get('ClusterRole/pullkeeper')?.['rules']);
      expect(right).toContain(`"resources":["secrets"],"resourceNames":["${config.secretName}"]`);
      expect(right.includes('webhookconfigurations')).toBe(config.certificate.mode === 'self-managed');
    });
  },
);

function readDeployed(deployment: KubeObject | undefined): Config {
  const { spec } = deployment as unknown as {
    spec: { template: { spec: { containers: readonly { args: readonly string[] }[] } } };
  };
  const [command, ...flags] = spec.template.spec.containers[0]?.args ?? [];
  expect(command).toBe('serve');
  const result = readConfig(flags, {});
  if (result.kind !== 'config') throw new Error(result.kind === 'invalid' ? result.problems.join('\n') : result.text);
  return result.config;
}

function readSelector(object: KubeObject | undefined): Selector {
  const { webhooks } = object as unknown as { webhooks: readonly { namespaceSelector: Selector }[] };
  return webhooks[0]?.namespaceSelector ?? { matchExpressions: [] };
}
