import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Manifest {
  Config: string;
  RepoTags: string[];
  readonly Layers: readonly string[];
}

interface ImageConfig {
  config: { Labels: Record<string, string> };
}

/**
 * Makes another image of the same program, and returns its archive: what a release of a new version is to a node. Its
 * label says the version, so it has a configuration and a digest of its own.
 */
export async function makeNewerImage(archive: string, folder: string, name: string): Promise<string> {
  const parts = await mkdtemp(join(folder, 'newer-'));
  try {
    await run('tar', ['--extract', '--file', archive, '--directory', parts]);
    const manifestFile = join(parts, 'manifest.json');
    const [manifest] = JSON.parse(await readFile(manifestFile, 'utf8')) as [Manifest];
    const config = JSON.parse(await readFile(join(parts, manifest.Config), 'utf8')) as ImageConfig;
    config.config.Labels['org.opencontainers.image.version'] = name.slice(name.indexOf(':') + 1);
    const text = JSON.stringify(config);
    manifest.Config = `${createHash('sha256').update(text).digest('hex')}.json`;
    manifest.RepoTags = [`docker.io/library/${name}`];
    await writeFile(join(parts, manifest.Config), text);
    await writeFile(manifestFile, JSON.stringify([manifest]));
    const newer = `${parts}.tar`;
    const files = ['manifest.json', manifest.Config, ...manifest.Layers];
    await run('tar', ['--create', '--file', newer, '--directory', parts, ...files]);
    return newer;
  } finally {
    await rm(parts, { recursive: true });
  }
}
