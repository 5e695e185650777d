import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

/** What a node needs of the machine: a program on PATH or a file, and the Debian package that has it. */
const NEEDED = [
  { file: 'runc', package: 'runc' },
  { file: 'iptables', package: 'iptables' },
  { file: 'ip', package: 'iproute2' },
  { file: '/usr/lib/cni/bridge', package: 'containernetworking-plugins' },
  { file: 'busybox', package: 'busybox-static' },
] as const;

/** Administration programs are not on every root's PATH. */
const FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The PATH on which a node's programs find what they run. */
export function nodePath(env: NodeJS.ProcessEnv): string {
  return [env['PATH'] ?? '', ...FOLDERS].join(':');
}

/**
 * Why there can be no node here, as a sentence with the one command that helps; undefined when there can. `further` are
 * packages that are missing for something else that is to be done with it.
 */
export async function findNodeProblem(
  env: NodeJS.ProcessEnv,
  further: readonly string[] = [],
): Promise<string | undefined> {
  if (process.platform !== 'linux') return `A node runs on Linux only, and this is ${process.platform}.`;
  if (process.getuid?.() !== 0) return 'A node needs root: network namespaces, mounts and containers.';
  const found = await Promise.all(NEEDED.map(async (each) => ((await findFile(each.file, env)) ? [] : [each.package])));
  const missing = [...found.flat(), ...further];
  if (missing.length === 0) return undefined;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  return `A node needs what is not installed here. On Debian: ${command}`;
}

/** The path of a program on {@link nodePath}, or of an absolute path that is there. */
export async function findFile(file: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const places = file.startsWith('/') ? [''] : nodePath(env).split(':');
  for (const place of places) {
    const path = join(place, file);
    const there = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  return undefined;
}
