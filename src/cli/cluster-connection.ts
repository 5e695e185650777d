import { KubeConfig } from '@kubernetes/client-node';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createKubeClient, type KubeClient } from '../kube/client.ts';
import type { ClusterFlags } from './cluster-flags.ts';

/** The caller's cluster. */
export interface ClusterConnection {
  readonly call: KubeClient['call'];
  /** The one that the flags name, else that of the kubeconfig's context. */
  readonly namespace: string;
  readonly close: () => Promise<void>;
}

export type KubeConfigResult =
  | { readonly kind: 'config'; readonly config: KubeConfig; readonly namespace: string }
  | { readonly kind: 'none'; readonly sentence: string };

/**
 * Connects to the caller's cluster. Rejects with an error whose message is fit to print when none is found.
 *
 * @param command names the caller in the API server's audit log
 */
export async function connectToCluster(
  flags: ClusterFlags,
  env: Readonly<Record<string, string | undefined>>,
  command: string,
): Promise<ClusterConnection> {
  const loaded = loadCallersConfig(flags, env);
  if (loaded.kind === 'none') throw new Error(loaded.sentence);
  const client = await createKubeClient(loaded.config, { userAgent: `pullkeeper-${command}` });
  return { call: (request) => client.call(request), namespace: loaded.namespace, close: () => client.close() };
}

/** Every Pod with a ServiceAccount has it here (k8s.io/client-go/rest, InClusterConfig). */
const IN_CLUSTER_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Finds the caller's kubeconfig as kubectl does, and the namespace that its context names. */
export function loadCallersConfig(
  flags: ClusterFlags,
  env: Readonly<Record<string, string | undefined>>,
): KubeConfigResult {
  try {
    const config = loadFiles(flags, env);
    if (config === undefined) {
      return none(
        'there is no kubeconfig, and this is no Pod: name one by --kubeconfig or KUBECONFIG, or put it at ~/.kube/config',
      );
    }
    if (flags.context !== undefined) config.setCurrentContext(flags.context);
    const context = config.getContextObject(config.getCurrentContext());
    if (context === null || config.getCurrentCluster() === null) {
      return none(
        `the kubeconfig has no context ${JSON.stringify(config.getCurrentContext())} with a cluster: name another by --context`,
      );
    }
    return { kind: 'config', config, namespace: flags.namespace ?? context.namespace ?? 'default' };
  } catch (error) {
    if (error instanceof UnreadableFile) return none(error.message);
    return none('the kubeconfig could not be read');
  }
}

function none(sentence: string): KubeConfigResult {
  return { kind: 'none', sentence };
}

function loadFiles(flags: ClusterFlags, env: Readonly<Record<string, string | undefined>>): KubeConfig | undefined {
  if (flags.kubeconfig !== undefined) return mergeFiles([flags.kubeconfig]);
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  // kubectl goes on without those of the list that are not there.
  if (named.length > 0) return mergeFiles(named.length === 1 ? named : named.filter((file) => existsSync(file)));
  const own = join(env.HOME ?? homedir(), '.kube', 'config');
  if (existsSync(own)) return mergeFiles([own]);
  if (!existsSync(IN_CLUSTER_TOKEN)) return undefined;
  const config = new KubeConfig();
  config.loadFromCluster();
  return config;
}

/** kubectl's rule: of two entries of one name the first file's counts, and so does its current context. */
function mergeFiles(files: readonly string[]): KubeConfig {
  const configs = files.map(loadFile);
  const merged = new KubeConfig();
  merged.loadFromOptions({
    clusters: firstOfEachName(configs.flatMap(({ clusters }) => clusters)),
    users: firstOfEachName(configs.flatMap(({ users }) => users)),
    contexts: firstOfEachName(configs.flatMap(({ contexts }) => contexts)),
    currentContext: configs.map((config) => config.getCurrentContext()).find((name) => Boolean(name)) ?? '',
  });
  return merged;
}

class UnreadableFile extends Error {}

function loadFile(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    // What is wrong with a kubeconfig may quote a line of it, which may hold a token.
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new UnreadableFile(`${file} cannot be read as a kubeconfig${code}`);
  }
  return config;
}

function firstOfEachName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return items.filter((item, index) => items.findIndex(({ name }) => name === item.name) === index);
}
