import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseSelector } from '../../src/core/sources/label-selector.ts';
import { renderChart } from '../../tools/chart/render.ts';
import { BUILD_MS, ensureHelm } from './helm.ts';
import { readObjects } from './rendered-objects.ts';

const CASES = join(import.meta.dirname, '../fixtures/chart/accepted');
const FLAG = '--namespace-selector=';

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

describe('the webhook’s namespaceSelector and the program’s flag say the same', () => {
  const cases = readdirSync(CASES).filter((name) => /selector|every-namespace|defaults/.test(name));
  it.each(cases)('%s', async (name) => {
    const valueFiles = [join(CASES, name, 'values.yaml')];
    const objects = readObjects(await renderChart({ helm, namespace: 'pk', valueFiles }));
    const { matchLabels = {}, matchExpressions } = readSelector(objects.get('MutatingWebhookConfiguration/pullkeeper'));
    const never = {
      key: 'kubernetes.io/metadata.name',
      operator: 'NotIn',
      values: ['pk', 'kube-system', 'kube-node-lease'],
    };
    expect(matchExpressions.at(-1), 'what the program never enables by itself').toEqual(never);

    const parsed = parseSelector(readFlag(objects.get('Deployment/pullkeeper')));
    expect(parsed).toEqual({
      kind: 'valid',
      selector: {
        requirements: [
          ...Object.entries(matchLabels).map(([key, value]) => ({ operator: 'in', key, values: [value] })),
          ...matchExpressions.slice(0, -1).map(({ key, operator, values }) => ({
            operator: OPERATORS[operator],
            key,
            ...(values === undefined ? {} : { values }),
          })),
        ],
      },
    });
  });
});

function readSelector(object: unknown): Selector {
  const { webhooks } = object as { webhooks: readonly { namespaceSelector: Selector }[] };
  return webhooks[0]?.namespaceSelector ?? { matchExpressions: [] };
}

function readFlag(object: unknown): string {
  const { spec } = object as { spec: { template: { spec: { containers: readonly { args: readonly string[] }[] } } } };
  const flag = spec.template.spec.containers[0]?.args.find((arg) => arg.startsWith(FLAG));
  return flag?.slice(FLAG.length) ?? 'there is no such flag';
}
