import { runQuietly } from './run-command.ts';

/** What builds the Dockerfile here. */
export type Engine = { readonly kind: 'docker' | 'podman' | 'buildah' };

/**
 * docker or podman where an engine answers (a docker client alone is on many machines), else buildah, which needs none.
 * Rejects with what to install when there is nothing.
 */
export async function findEngine(): Promise<Engine> {
  if ((await runQuietly('docker', ['info'])).code === 0) return { kind: 'docker' };
  if ((await runQuietly('podman', ['info'])).code === 0) return { kind: 'podman' };
  if ((await runQuietly('buildah', ['--version'])).code === 0) return { kind: 'buildah' };
  throw new Error(
    `nothing here builds images: start docker or podman, or, on Debian, apt-get install -y --no-install-recommends ${BUILDERS.join(' ')}`,
  );
}

/** The Debian packages that build an image where no engine runs. */
export const BUILDERS: readonly string[] = ['buildah', 'mmdebstrap'];
