import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { cacheRoot } from '../programs/cache-folder.ts';
import { BUILDERS, findEngine } from './engine.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What goes into the image, or decides what does: the Dockerfile copies no more. */
const INPUTS = ['Dockerfile', 'LICENSE', 'package-lock.json', 'rolldown.config.ts', 'tsconfig.json'];
const INPUT_FOLDERS = ['src', 'tools/image'];

/** Names another archive to take instead, which holds an image of the name that the manifests have. */
const GIVEN = 'PULLKEEPER_TEST_IMAGE';

/** The Debian packages that building the image needs and this machine lacks. */
export async function missingForImage(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  if (env[GIVEN] !== undefined) return [];
  return findEngine().then(
    () => [],
    () => BUILDERS,
  );
}

/** The archive of our own image, built by `npm run image` unless it was already for just these sources. */
export async function ensurePullkeeperImage(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string> {
  const given = env[GIVEN];
  if (given !== undefined) return given;
  const folder = join(dirname(cacheRoot(env)), 'images');
  const archive = join(folder, `${await hashInputs()}.tar`);
  if (await isThere(archive)) return archive;
  await mkdir(folder, { recursive: true });
  const unfinished = `${archive}.${process.pid}`;
  try {
    await build(unfinished, env, signal);
    await rename(unfinished, archive);
  } finally {
    await rm(unfinished, { force: true });
  }
  for (const name of await readdir(folder)) await removeIfOld(join(folder, name));
  return archive;
}

/** `pullkeeper:0.1.0`: as the manifests of this version name it. */
export async function pullkeeperImageName(): Promise<string> {
  return `pullkeeper:${(await readPackage()).version}`;
}

interface Package {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
}

async function readPackage(): Promise<Package> {
  return JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Package;
}

async function build(archive: string, env: NodeJS.ProcessEnv, signal: AbortSignal | undefined): Promise<void> {
  const args = ['run', 'image', '--', '--tag', await pullkeeperImageName(), '--output', archive];
  // What it says is about what is being waited for, not what was asked for: stderr.
  const child = spawn('npm', args, { cwd: ROOT, env, stdio: ['ignore', process.stderr, process.stderr] });
  const interrupt = (): void => void child.kill('SIGTERM');
  signal?.addEventListener('abort', interrupt, { once: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  signal?.removeEventListener('abort', interrupt);
  signal?.throwIfAborted();
  if (code !== 0) throw new Error(`npm run image ended with code ${code}`);
}

/** One image has 150 MB. A young one of other sources may be another checkout's, in use. */
const KEEP_MS = 24 * 60 * 60 * 1000;

async function removeIfOld(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > KEEP_MS) await rm(file, { force: true });
}

async function hashInputs(): Promise<string> {
  const files = await Promise.all(INPUT_FOLDERS.map((folder) => filesBelow(join(ROOT, folder))));
  const { scripts, ...rest } = await readPackage();
  // Of all scripts, the Dockerfile runs one.
  const hash = createHash('sha256').update(JSON.stringify([rest, scripts['build']]));
  for (const file of [...INPUTS.map((name) => join(ROOT, name)), ...files.flat()]) {
    hash.update(`\n${relative(ROOT, file)}\n`).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
