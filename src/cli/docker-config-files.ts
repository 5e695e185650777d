import { readFile } from 'node:fs/promises';
import { detectFormat } from '../core/sources/config-file-format.ts';
import { createKeyring, type Keyring } from '../core/sources/keyring.ts';
import { readSource, type Source } from '../core/sources/source.ts';
import { NAMESPACES_ANNOTATION } from '../core/sources/scope.ts';
import { explainFileError } from './file-error.ts';

/** What the files of `--docker-config` hold. Its sentences hold no credential. */
export interface DockerConfigFiles {
  /** Of two files that hold one registry, the earlier counts. */
  readonly keyring: Keyring;
  /** What of a file is refused although others of it count, and what is legal but surprising; one sentence each. */
  readonly warnings: readonly string[];
  /** Files of which nothing counts, one sentence each. */
  readonly problems: readonly string[];
}

/** Reads docker configs as sources that every namespace may use, named by their paths. */
export async function readDockerConfigFiles(paths: readonly string[]): Promise<DockerConfigFiles> {
  const files = await Promise.all(paths.map(readConfigFile));
  return {
    keyring: createKeyring(
      files.flatMap(({ source }) => (source?.entries ?? []).map((entry) => ({ ...entry, source: source?.name ?? '' }))),
    ),
    warnings: files.flatMap(({ warnings }) => warnings),
    problems: files.flatMap(({ problems }) => problems),
  };
}

interface ConfigFile {
  readonly source: Source | undefined;
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
}

async function readConfigFile(path: string): Promise<ConfigFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return { source: undefined, warnings: [], problems: [explainFileError(path, error)] };
  }
  const format = detectFormat(bytes);
  const source = readSource({
    name: path,
    type: format.type,
    annotations: { [NAMESPACES_ANNOTATION]: '*' },
    data: { [format.dataKey]: bytes },
  });
  const refusals = source.refusals.map(({ extent, where, sentence }) =>
    extent === 'entry' ? `${path}: registry ${where} is refused: ${sentence}` : `${path}: ${sentence}`,
  );
  const warnings = source.warnings.map(({ where, sentence }) => `${path}: registry ${where}: ${sentence}`);
  return source.entries.length === 0
    ? { source, warnings, problems: refusals }
    : { source, warnings: [...refusals, ...warnings], problems: [] };
}
