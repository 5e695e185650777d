import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { cacheRoot } from '../../tools/programs/cache-folder.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What goes into the image, or decides what does: the Dockerfile copies no more. */
const INPUTS = ['Dockerfile', 'LICENSE', 'package.json', 'package-lock.json', 'rolldown.config.ts', 'tsconfig.json'];
const INPUT_FOLDERS = ['src', 'tools/image'];

/**
 * The archive of our own image, built by `npm run image` unless it was already for just these sources.
 * `PULLKEEPER_TEST_IMAGE` names another one to test, of the name that the manifests have.
 */
export async function ensurePullkeeperImage(): Promise<string> {
  const given = process.env['PULLKEEPER_TEST_IMAGE'];
  if (given !== undefined) return given;
  const folder = join(dirname(cacheRoot(process.env)), 'images');
  const archive = join(folder, `${await hashInputs()}.tar`);
  if (await isThere(archive)) return archive;
  await mkdir(folder, { recursive: true });
  const unfinished = `${archive}.${process.pid}`;
  const build = spawn('npm', ['run', 'image', '--', '--tag', IMAGE, '--output', unfinished], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(build, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`npm run image ended with code ${code}`);
  for (const name of await readdir(folder)) await removeIfOld(join(folder, name));
  await rename(unfinished, archive);
  return archive;
}

/** One image has 150 MB. A young one of other sources may be another checkout's, in use. */
const KEEP_MS = 24 * 60 * 60 * 1000;

async function removeIfOld(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > KEEP_MS) await rm(file, { force: true });
}

/** As manifests/install.yaml names it. */
const IMAGE = 'pullkeeper:0.1.0';

async function hashInputs(): Promise<string> {
  const files = await Promise.all(INPUT_FOLDERS.map((folder) => filesBelow(join(ROOT, folder))));
  const hash = createHash('sha256');
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
