import { readFile } from 'node:fs/promises';
import { detectFormat } from '../core/sources/config-file-format.ts';
import { createKeyring, type Keyring } from '../core/sources/keyring.ts';
import { readSource, type Source } from '../core/sources/source.ts';
import { NAMESPACES_ANNOTATION } from '../core/sources/scope.ts';
import { explainFileError } from './file-error.ts';

/** A docker config of the command line, read as a source that reaches every namespace and is named by its path. */
export type DockerConfigFile =
  | { readonly kind: 'source'; readonly source: Source }
  /** A sentence that starts with the file's path. */
  | { readonly kind: 'unreadable'; readonly sentence: string };

export async function readDockerConfigFile(path: string): Promise<DockerConfigFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return { kind: 'unreadable', sentence: explainFileError(path, error) };
  }
  const { type, dataKey } = detectFormat(bytes);
  const annotations = { [NAMESPACES_ANNOTATION]: '*' };
  return { kind: 'source', source: readSource({ name: path, type, annotations, data: { [dataKey]: bytes } }) };
}

/** What all files of `--docker-config` hold together. Its sentences hold no credential. */
export interface DockerConfigFiles {
  /** Of two files that hold one registry, the earlier counts. */
  readonly keyring: Keyring;
  /** What is refused of a file whose other entries count, and what is legal but surprising; one sentence each. */
  readonly warnings: readonly string[];
  /** Files of which nothing counts, one sentence each. */
  readonly problems: readonly string[];
}

export async function readDockerConfigFiles(paths: readonly string[]): Promise<DockerConfigFiles> {
  const files = await Promise.all(paths.map(readDockerConfigFile));
  const sources = files.flatMap((file) => (file.kind === 'source' ? [file.source] : []));
  const told = files.map((file) => (file.kind === 'source' ? tellSource(file.source) : problem(file.sentence)));
  return {
    keyring: createKeyring(
      sources.flatMap(({ name, entries }) => entries.map((entry) => ({ ...entry, source: name }))),
    ),
    warnings: told.flatMap(({ warnings }) => warnings),
    problems: told.flatMap(({ problems }) => problems),
  };
}

type Told = Pick<DockerConfigFiles, 'warnings' | 'problems'>;

function problem(sentence: string): Told {
  return { warnings: [], problems: [sentence] };
}

/** Refusals are a problem where nothing of the file counts, and warnings where something does. */
function tellSource({ name: path, entries, ...source }: Source): Told {
  const refusals = source.refusals.map(({ extent, where, sentence }) =>
    extent === 'entry' ? `${path}: registry ${where} is refused: ${sentence}` : `${path}: ${sentence}`,
  );
  const warnings = source.warnings.map(({ where, sentence }) => `${path}: registry ${where}: ${sentence}`);
  return entries.length === 0
    ? { warnings, problems: refusals }
    : { warnings: [...refusals, ...warnings], problems: [] };
}
