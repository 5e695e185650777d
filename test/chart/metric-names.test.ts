import { beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { renderChart } from '../../tools/chart/render.ts';
import { ensureHelm } from '../../tools/chart/helm.ts';
import { BUILD_MS } from './times.ts';
import { readObjects } from './rendered-objects.ts';

/** The API server's: how often it let something through because a webhook did not answer. */
const API_SERVER_METRICS = ['apiserver_admission_webhook_fail_open_count'];
const API_SERVER_LABELS = ['name', 'type'];

/** What a ServiceMonitor gives each series. */
const TARGET_LABELS = ['pod', 'namespace', 'job'];

let ours: ReadonlySet<string>;
let rules: readonly Rule[];

let dashboard: Dashboard;

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

beforeAll(async () => {
  ours = await readMetricNames();
  const rendering = { namespace: 'pk', values: ['prometheusRule.enabled=true', 'dashboard.enabled=true'] };
  const objects = readObjects(await renderChart({ helm: await ensureHelm(), ...rendering }));
  const { spec } = objects.get('PrometheusRule/pullkeeper') as unknown as { spec: { groups: { rules: Rule[] }[] } };
  rules = spec.groups.flatMap((group) => group.rules);
  const { data } = objects.get('ConfigMap/pullkeeper-dashboard') as unknown as { data: Record<string, string> };
  dashboard = JSON.parse(data['pullkeeper.json'] ?? '') as Dashboard;
}, BUILD_MS);

describe('every metric that is asked for is one that there is', () => {
  it('in the alerts', () => {
    const known = new Set([...ours, ...API_SERVER_METRICS]);
    expect(rules.map(({ alert, expr }) => [alert, metricsIn(expr).filter((name) => !known.has(name))])).toEqual(
      rules.map(({ alert }) => [alert, []]),
    );
    expect(rules.filter(({ expr }) => metricsIn(expr).length === 0)).toEqual([]);
  });

  it('in the dashboard, which shows all that are our own', () => {
    const shown = new Set(dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr))));
    expect([...shown].filter((name) => !ours.has(name))).toEqual([]);
    const own = [...ours].filter((name) => /^pullkeeper_.*(?<!_bucket|_count|_sum|duration_seconds)$/.test(name));
    expect(own.filter((name) => !shown.has(name))).toEqual([]);
  });
});

describe('every label that is asked for is one that the metric has', () => {
  it('in the alerts', () => {
    expect(rules.map(({ alert, expr }) => [alert, unknownLabels(expr)])).toEqual(rules.map(({ alert }) => [alert, []]));
  });

  it('in the dashboard', () => {
    const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(expressions.filter((expression) => unknownLabels(expression).length > 0)).toEqual([]);
  });
});

function unknownLabels(expression: string): readonly string[] {
  const known = new Set([...TARGET_LABELS, ...metricsIn(expression).flatMap(labelsOf)]);
  return labelsIn(expression).filter((label) => !known.has(label));
}

function labelsOf(metric: string): readonly string[] {
  if (API_SERVER_METRICS.includes(metric)) return API_SERVER_LABELS;
  // prom-client has these at run time, but not in its types.
  const own = Object.values(createMetrics()) as readonly { readonly name?: string; readonly labelNames?: string[] }[];
  const labels = own.find(({ name }) => name === metric.replace(/_bucket$/, ''))?.labelNames ?? [];
  return metric.endsWith('_bucket') ? [...labels, 'le'] : labels;
}

/** Of matchers, and of lists as `by (pod, code)`. */
function labelsIn(expression: string): readonly string[] {
  const matched = [...expression.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label);
  const listed = [...expression.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
  return [...matched, ...listed];
}

/** As Prometheus sees them: a histogram is three. */
async function readMetricNames(): Promise<ReadonlySet<string>> {
  const { text } = await createMetrics().render();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [name, `${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  );
}

/** Words with a `_` that are neither labels nor functions. */
function metricsIn(expression: string): readonly string[] {
  const bare = expression
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(?:by|on) \([^)]*\)/g, ' ')
    .replaceAll('histogram_quantile(', '(');
  return [...bare.matchAll(/[a-z]+(?:_[a-z]+)+/g)].map(([name]) => name);
}
