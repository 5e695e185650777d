import { explain as explainSubjects } from '../core/explain/explain.ts';
import { KubeError } from '../kube/kube-error.ts';
import { readStream } from '../manifest/manifest-stream.ts';
import type { ClusterConnection } from './cluster-connection.ts';
import type { ClusterFlags } from './cluster-flags.ts';
import { readDockerConfigFile } from './docker-config-files.ts';
import { createClusterWorld } from './explain-cluster.ts';
import { readExplainRequest, type ExplainRequest } from './explain-flags.ts';
import { createOfflineWorld } from './explain-offline.ts';
import { collectDocument, collectImages, collectObject, type SubjectResult } from './explain-subjects.ts';
import type { Target } from './explain-target.ts';
import { renderExplanation } from './explain-text.ts';
import { readManifestFile } from './manifest-files.ts';
import type { World } from './explain-world.ts';
import { sayInstead } from './request-result.ts';
import type { Terminal } from './terminal.ts';

/** What `explain` needs of the process around it. */
export interface ExplainOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Read only for `-f -`. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Rejects with an error whose message is fit to print. */
  readonly connect: (flags: ClusterFlags) => Promise<ClusterConnection>;
}

/** Explains why images pull, or do not. Returns the exit status: 0, 1 (something could not be explained), 2 (flags). */
export async function explain(options: ExplainOptions): Promise<number> {
  const { terminal } = options;
  const result = readExplainRequest(options.argv, options.env);
  if (result.kind !== 'request') return sayInstead('explain', result, terminal);
  const { request } = result;
  const opened = await openWorld(options, request);
  if ('problems' in opened) return complain(terminal, opened.problems);
  const { world, close } = opened;
  const problems: string[] = [];
  try {
    const results = await collect(world, request.targets, options.stdin);
    problems.push(...results.flatMap((each) => (each.kind === 'problem' ? [each.sentence] : [])));
    const subjects = results.flatMap((each) => (each.kind === 'subject' ? [each.subject] : []));
    const explanation = explainSubjects(request.install, subjects, world.unread());
    if (request.output === 'json') terminal.print(`${JSON.stringify(explanation, undefined, 2)}\n`);
    else if (subjects.length > 0) terminal.print(renderExplanation(explanation));
  } finally {
    await close();
  }
  const failure = world.failure();
  if (failure !== undefined && !problems.some((sentence) => sentence.includes(failure))) problems.push(failure);
  return complain(terminal, problems);
}

function complain(terminal: Terminal, problems: readonly string[]): number {
  for (const sentence of problems) terminal.complain(`pullkeeper explain: ${sentence}\n`);
  return problems.length === 0 ? 0 : 1;
}

interface OpenWorld {
  readonly world: World;
  readonly close: () => Promise<void>;
}

async function openWorld(
  options: ExplainOptions,
  { cluster, install, dockerConfigs }: ExplainRequest,
): Promise<OpenWorld | { readonly problems: readonly string[] }> {
  if (dockerConfigs.length > 0) {
    const files = await Promise.all(dockerConfigs.map(readDockerConfigFile));
    const problems = files.flatMap((file) => (file.kind === 'unreadable' ? [file.sentence] : []));
    if (problems.length > 0) return { problems };
    const sources = files.flatMap((file) => (file.kind === 'source' ? [file.source] : []));
    return { world: createOfflineWorld(sources, cluster.namespace ?? 'default'), close: () => Promise.resolve() };
  }
  try {
    const { call, namespace, close } = await options.connect(cluster);
    return { world: createClusterWorld(call, namespace, install), close };
  } catch (error) {
    // How an image is read can be told all the same.
    const silent = new KubeError(0, 'NoCluster', error instanceof Error ? error.message : String(error));
    const world = createClusterWorld(() => Promise.reject(silent), cluster.namespace ?? 'default', install);
    return { world, close: () => Promise.resolve() };
  }
}

/** All images together make one Pod; everything else stands for itself, in the order of asking. */
async function collect(
  world: World,
  targets: readonly Target[],
  stdin: AsyncIterable<Uint8Array>,
): Promise<readonly SubjectResult[]> {
  const images = targets.flatMap((target) => (target.kind === 'image' ? [target.image] : []));
  const results: SubjectResult[] = images.length === 0 ? [] : [await collectImages(world, images)];
  for (const target of targets) {
    if (target.kind === 'object') results.push(await collectObject(world, target.object, target.name));
    else if (target.kind === 'file') results.push(...(await collectFile(world, target.path, stdin)));
  }
  return results;
}

async function collectFile(
  world: World,
  path: string,
  stdin: AsyncIterable<Uint8Array>,
): Promise<readonly SubjectResult[]> {
  const file = await readManifestFile(path, stdin);
  if (file.kind === 'unreadable') return [{ kind: 'problem', sentence: file.sentence }];
  const { name, text } = file.stream;
  const stream = readStream(text);
  if (stream.kind === 'invalid') {
    return stream.problems.map(({ line, sentence }) => ({ kind: 'problem', sentence: `${name}:${line}: ${sentence}` }));
  }
  const results: SubjectResult[] = [];
  for (const { value } of stream.documents) results.push(...(await collectDocument(world, value)));
  return results.length > 0 ? results : [{ kind: 'problem', sentence: `${name}: it holds no Pod and no Pod template` }];
}
