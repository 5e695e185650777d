import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const CHART = join(import.meta.dirname, '../../manifests/chart');

export interface ChartRendering {
  /** Path of the helm to run. */
  readonly helm: string;
  readonly release?: string;
  readonly namespace: string;
  /** Values files, the later ones win. */
  readonly valueFiles?: readonly string[];
  /** Values as `--set-json` takes them: `labelGuard.enabled=true`. */
  readonly values?: readonly string[];
  /** The cluster's version, as `1.30.0`. Default: the newest that this helm knows. */
  readonly kubernetes?: string;
  /** Templates to render, as `templates/rbac.yaml`. Default: all. */
  readonly templates?: readonly string[];
}

/** The chart could not be rendered; the message is helm's own. */
export class ChartError extends Error {
  override readonly name = 'ChartError';
}

/** What `helm template` prints. Rejects with a {@link ChartError} when helm refuses the values or the namespace. */
export async function renderChart(rendering: ChartRendering): Promise<string> {
  const { release = 'pullkeeper', namespace, valueFiles = [], values = [], templates = [], kubernetes } = rendering;
  const args = [
    ...['template', release, CHART, `--namespace=${namespace}`],
    ...valueFiles.map((file) => `--values=${file}`),
    ...values.map((value) => `--set-json=${value}`),
    ...(kubernetes === undefined ? [] : [`--kube-version=${kubernetes}`]),
    ...templates.map((template) => `--show-only=${template}`),
  ];
  try {
    const { stdout } = await promisify(execFile)(rendering.helm, args, { env: helmEnvironment(process.env) });
    return stdout;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    if (stderr === undefined || stderr === '') throw error;
    throw new ChartError(stderr.trimEnd());
  }
}

/** Nothing of the person's own Helm and cluster. */
export function helmEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = (name: string): boolean => name.startsWith('HELM_') || name === 'KUBECONFIG';
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign(name)));
}
