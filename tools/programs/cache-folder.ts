import { createHash } from 'node:crypto';
import { access, constants, readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { ProgramSet } from './program-set.ts';

/** Flags of every build. Part of the key, so that a change of them builds anew. */
export const BUILD_FLAGS = ['-trimpath', '-buildvcs=false', '-mod=readonly'] as const;

/** Where the cache lies: `$XDG_CACHE_HOME` or `~/.cache`, never inside the repository. */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CACHE_HOME'];
  // The XDG specification says that a relative path is to be ignored.
  const absolute = base !== undefined && base.startsWith('/') ? base : join(env['HOME'] ?? homedir(), '.cache');
  return join(absolute, 'pullkeeper', 'programs');
}

/** The folder of one set with exactly these sources and flags: below it, one folder for each Go that built it. */
export async function setFolder(set: ProgramSet, env: NodeJS.ProcessEnv): Promise<string> {
  return join(cacheRoot(env), `${set.name}-${await hashSources(set)}`);
}

/** The folder below {@link setFolder} for what one Go version builds on this kind of machine. */
export function toolchainFolder(folder: string, goVersion: string): string {
  return join(folder, `${goVersion}-${process.platform}-${process.arch}`);
}

/** Every toolchain folder that is there for this kind of machine, for a machine that has no Go (any more). */
export async function anyToolchainFolders(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith(`-${process.platform}-${process.arch}`))
    .map((name) => join(folder, name));
}

/** Whether `file` is there and may be run. */
export async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function hashSources(set: ProgramSet): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([BUILD_FLAGS, set.ldflags, set.tags, set.programs]));
  for (const file of await sourceFiles(set.moduleDir)) {
    hash.update(`\n${relative(set.moduleDir, file)}\n`).update(await readFile(file));
  }
  if (set.modFile !== undefined) {
    hash.update('\nmodfile\n').update(await readFile(set.modFile));
    hash.update(await readFile(join(dirname(set.modFile), 'go.sum')));
  }
  return hash.digest('hex').slice(0, 16);
}

/** go.mod, go.sum, and the module's own code if it has any. Tests and files that `go:embed` names are no part of it. */
async function sourceFiles(moduleDir: string): Promise<string[]> {
  const entries = await readdir(moduleDir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .filter(
      ({ name }) => name === 'go.mod' || name === 'go.sum' || (name.endsWith('.go') && !name.endsWith('_test.go')),
    )
    .map((entry) => resolve(entry.parentPath, entry.name))
    .sort();
}
