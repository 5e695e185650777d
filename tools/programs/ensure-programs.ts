import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { takeBuildLock, type Builder } from './build-lock.ts';
import { anyToolchainFolders, isProgram, setFolder, toolchainFolder } from './cache-folder.ts';
import { buildProgram } from './go-build.ts';
import { findGo } from './go-toolchain.ts';
import { ProgramsError, type ProgramSet } from './program-set.ts';
import { formatDuration, terminalProgress, type Progress } from './progress.ts';

export interface EnsureOptions {
  /** Default: this process's environment. PATH finds go, HOME and XDG_CACHE_HOME the cache. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Default: stderr. */
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes sure that a set's programs are there (those of `names`; all, if none are given), and says where: absolute path by
 * program name. Taken, in this order, from the folder that `set.assetsVariable` names, from the cache, or built. Two
 * processes that need the same programs build them once. Throws {@link ProgramsError} when there is no Go that could build what is missing, or a build fails.
 */
export async function ensurePrograms<Name extends string, Needed extends Name = Name>(
  set: ProgramSet<Name>,
  options: EnsureOptions = {},
  names: readonly Needed[] = Object.keys(set.programs) as Needed[],
): Promise<Record<Needed, string>> {
  const { env = process.env, progress = terminalProgress(process.stderr), signal } = options;
  const assets = await assetsFolder(set, env);
  const go = await findGo(set.moduleDir, env, signal);
  const folder = await setFolder(set, env);
  const target = go.version === undefined ? undefined : toolchainFolder(folder, go.version);
  const places = [...assets, ...(target === undefined ? await anyToolchainFolders(folder) : [target])];

  let waited = false;
  for (;;) {
    const found = await findPrograms(names, places);
    const missing = names.filter((name) => found[name] === undefined);
    if (missing.length === 0) return found as Record<Needed, string>;
    if (target === undefined) throw new ProgramsError(`${missing.join(', ')} must be built. ${go.problem}`);

    const lock = await takeBuildLock(target);
    if (lock.mine) {
      await using builder = lock;
      // Another process may have built them between the look and the lock.
      const now = await findPrograms(missing, places);
      const left = missing.filter((name) => now[name] === undefined);
      if (left.length > 0) await buildAll({ set, names: left, target, env, progress, signal, builder });
    } else {
      if (!waited) progress.say(`another process is building ${missing.join(', ')}: waiting for it`);
      waited = true;
      for await (const line of lock.lines(signal)) progress.show(`waiting for another process: ${line}`);
      progress.show('');
    }
  }
}

async function assetsFolder(set: ProgramSet, env: NodeJS.ProcessEnv): Promise<string[]> {
  const folder = set.assetsVariable === undefined ? undefined : env[set.assetsVariable];
  if (folder === undefined || folder === '') return [];
  await readdir(folder).catch((error: unknown) => {
    throw new ProgramsError(`${set.assetsVariable} names ${folder}, which is not a readable folder`, { cause: error });
  });
  return [folder];
}

async function findPrograms<Name extends string>(
  names: readonly Name[],
  places: readonly string[],
): Promise<Partial<Record<Name, string>>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    for (const place of places) {
      const file = join(place, name);
      if (found[name] === undefined && (await isProgram(file))) found[name] = file;
    }
  }
  return found;
}

interface BuildAll<Name extends string> {
  readonly set: ProgramSet<Name>;
  readonly names: readonly Name[];
  readonly target: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
  readonly builder: Builder;
}

const WORK_PREFIX = '.building-';

async function buildAll<Name extends string>(all: BuildAll<Name>): Promise<void> {
  const { set, names, target, env, progress, signal, builder } = all;
  await mkdir(target, { recursive: true });
  await removeUnfinished(target);
  progress.say(`building ${names.join(', ')} into ${target} (once; the first build can take minutes)`);
  const workDir = await mkdtemp(join(target, WORK_PREFIX));
  try {
    for (const [index, program] of names.entries()) {
      const what = `${program} (${index + 1} of ${names.length})`;
      const startedAt = performance.now();
      const show = (state: string): void => {
        const status = `building ${what}, ${state}`;
        progress.show(status);
        builder.tell(status);
      };
      const file = join(target, program);
      await buildProgram({ set, program, package: set.programs[program], workDir, target: file, env, signal, show });
      progress.say(`built ${what} in ${formatDuration(performance.now() - startedAt)}`);
    }
  } finally {
    progress.show('');
    await removeFolder(workDir);
  }
}

/** Removes what builds that were killed have left. Only the holder of the build lock calls this. */
async function removeUnfinished(target: string): Promise<void> {
  const left = (await readdir(target)).filter((name) => name.startsWith(WORK_PREFIX));
  await Promise.all(left.map((name) => removeFolder(join(target, name))));
}

/** A go whose starter was killed writes on until it has something to say and finds nobody to say it to. */
async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
}
