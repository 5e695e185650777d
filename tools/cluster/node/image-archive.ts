import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the test images can run, all of it busybox. */
const COMMANDS = ['sh', 'sleep', 'cat', 'echo', 'ls', 'nslookup', 'wget'];

/** Writes the one layer that all test images share: a static busybox under a few names. */
export async function writeLayer(folder: string, busybox: string): Promise<string> {
  const root = join(folder, 'layer');
  await mkdir(join(root, 'bin'), { recursive: true });
  await cp(busybox, join(root, 'bin/busybox'), { dereference: true });
  for (const command of COMMANDS) await symlink('busybox', join(root, 'bin', command));
  await mkdir(join(root, 'tmp'), { mode: 0o1777 });
  const file = join(folder, 'layer.tar');
  await run('tar', ['--create', '--file', file, '--directory', root, '--owner=0', '--group=0', '.']);
  await rm(root, { recursive: true });
  return file;
}

export interface ImageOptions {
  /** Written into the image's configuration, so that no two images are the same one to a node. */
  readonly name: string;
  readonly layer: string;
  readonly entrypoint: readonly string[];
  /** The archive to write, as `docker load`, crane and ctr read it. */
  readonly archive: string;
}

/** Writes an image of one layer, without an engine. */
export async function writeImage({ name, layer, entrypoint, archive }: ImageOptions): Promise<void> {
  const content = await readFile(layer);
  const config = JSON.stringify({
    architecture: arch() === 'x64' ? 'amd64' : arch(),
    os: 'linux',
    config: { Entrypoint: entrypoint, Env: ['PATH=/bin'], Labels: { name } },
    rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(content).digest('hex')}`] },
    history: [{ created_by: 'pullkeeper tests' }],
  });
  const folder = `${archive}.parts`;
  await mkdir(folder);
  await writeFile(join(folder, 'config.json'), config);
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify([{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }]),
  );
  await writeFile(join(folder, 'layer.tar'), content);
  await run('tar', ['--create', '--file', archive, '--directory', folder, 'manifest.json', 'config.json', 'layer.tar']);
  await rm(folder, { recursive: true });
}
