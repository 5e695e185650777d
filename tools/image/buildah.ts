import { runLoudly, runQuietly } from './run-command.ts';

/** buildah without a daemon, without overlay mounts and without namespaces of its own: works in a container too. */
export const BUILDAH_STORAGE: readonly string[] = ['--storage-driver', 'vfs'];
const BUILDAH_ENV = { BUILDAH_ISOLATION: 'chroot' };

/** Builds an image, and removes the one of its name that it takes the place of: vfs shares nothing between them. */
export async function buildahBuild(image: string, args: readonly string[]): Promise<void> {
  const before = await findImage(image);
  await runLoudly('buildah', ['build', ...BUILDAH_STORAGE, ...args], { ...process.env, ...BUILDAH_ENV });
  if (before === '' || before === (await findImage(image))) return;
  // It may be somebody's, by another name or in a container: then it stays.
  await runQuietly('buildah', ['rmi', ...BUILDAH_STORAGE, before]);
}

async function findImage(image: string): Promise<string> {
  const found = await runQuietly('buildah', ['images', ...BUILDAH_STORAGE, '--quiet', '--no-trunc', image]);
  return found.code === 0 ? found.stdout.trim() : '';
}

/** A label of an image that is here; empty when there is none. */
export async function readLabel(image: string, label: string): Promise<string> {
  const format = `{{index .OCIv1.Config.Labels "${label}"}}`;
  const inspected = await runQuietly('buildah', [
    'inspect',
    ...BUILDAH_STORAGE,
    '--type',
    'image',
    '--format',
    format,
    image,
  ]);
  return inspected.code === 0 ? inspected.stdout.trim() : '';
}
