import { injectStreams, type InjectedStream, type InjectionProblem, type Result } from '../manifest/injection.ts';
import { joinStreams } from '../manifest/stream-join.ts';
import { readDockerConfigFiles } from './docker-config-files.ts';
import { readInjectRequest } from './inject-flags.ts';
import { readManifestFile } from './manifest-files.ts';
import { sayInstead } from './request-result.ts';
import type { Terminal } from './terminal.ts';

/** What `inject` needs of the process around it. */
export interface InjectOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Read only for `-f -`. */
  readonly stdin: AsyncIterable<Uint8Array>;
}

/**
 * Adds the reference to the manifests of files. Returns the exit status: 0 (written), 1 (something could not be read or
 * edited: nothing is written), 2 (flags).
 */
export async function inject({ argv, env, terminal, stdin }: InjectOptions): Promise<number> {
  const result = readInjectRequest(argv, env);
  if (result.kind !== 'request') return sayInstead('inject', result, terminal);
  const { manifests, dockerConfigs, secretName } = result.request;

  const [configs, files] = await Promise.all([
    readDockerConfigFiles(dockerConfigs),
    Promise.all(manifests.map((path) => readManifestFile(path, stdin))),
  ]);
  warn(terminal, configs.warnings);
  const unreadable = files.flatMap((file) => (file.kind === 'unreadable' ? [file.sentence] : []));
  if (unreadable.length > 0 || configs.problems.length > 0) {
    return fail(terminal, [...configs.problems, ...unreadable]);
  }

  const streams = files.flatMap((file) => (file.kind === 'stream' ? [file.stream] : []));
  const injected = injectStreams(streams, { secretName, find: (imageName) => configs.keyring.find(imageName) });
  if (injected.kind === 'failed') return fail(terminal, injected.problems.map(describeProblem));
  terminal.complain(summarise(injected.streams, (index) => streams[index]?.name ?? ''));
  terminal.print(joinStreams(injected.streams.map(({ text }) => text)));
  return 0;
}

function warn(terminal: Terminal, sentences: readonly string[]): void {
  for (const sentence of sentences) terminal.complain(`warning: ${sentence}\n`);
}

function fail(terminal: Terminal, sentences: readonly string[]): number {
  for (const sentence of sentences) terminal.complain(`pullkeeper inject: ${sentence}\n`);
  terminal.complain('pullkeeper inject: nothing was written\n');
  return 1;
}

function describeProblem({ stream, line, document, sentence }: InjectionProblem): string {
  return `${stream}:${line}: document ${document}: ${sentence}`;
}

/** A line for each resource, and how many there were. */
function summarise(streams: readonly InjectedStream[], nameOf: (index: number) => string): string {
  const lines = streams.flatMap(({ results }, index) =>
    results.length === 0
      ? [`${nameOf(index)}: holds no Kubernetes object`]
      : results.flatMap((result) => describeResult(result, nameOf(index))),
  );
  const decided = streams.flatMap(({ results }) => results.flatMap(decisionOf));
  const injected = decided.filter((action) => action === 'inject').length;
  const noun = decided.length === 1 ? 'Pod template' : 'Pod templates';
  return [...lines, `${injected} of ${decided.length} ${noun} injected`].map((line) => `${line}\n`).join('');
}

function describeResult(result: Result, stream: string): readonly string[] {
  if (result.kind === 'not-a-resource') {
    return [`${stream}:${result.line}: document ${result.document}: not a Kubernetes object`];
  }
  const { resource, outcome } = result;
  if (outcome.kind === 'not-a-pod-template') return [`${resource.label}: not a Pod template`];
  const { decision, warnings } = outcome;
  const verb = decision.action === 'inject' ? 'injected' : 'skipped';
  return [
    `${resource.label}: ${verb} (${decision.code}: ${decision.sentence})`,
    ...warnings.map((warning) => `warning: ${resource.label}: ${warning}`),
  ];
}

function decisionOf(result: Result): readonly ('inject' | 'skip')[] {
  if (result.kind === 'not-a-resource' || result.outcome.kind === 'not-a-pod-template') return [];
  return [result.outcome.decision.action];
}
