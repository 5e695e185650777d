import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Cluster } from '../../tools/cluster/cluster.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A code block of a page, and what the comment above it says of it: `<!-- run: NAME -->`. */
export interface DocumentedBlock {
  /** The word after the three backticks: `sh`, `yaml`. */
  readonly language: string;
  readonly text: string;
  /** What stands in the comment on the line before it; empty without one. */
  readonly comment: string;
}

const BLOCK = /^(?:<!-- ([^\n]*) -->\n\n?)?```(\w*)\n([\s\S]*?)^```$/gm;

/** Every code block of a page, in order. */
export async function readBlocks(page: string): Promise<readonly DocumentedBlock[]> {
  const found = (await readFile(join(ROOT, page), 'utf8')).matchAll(BLOCK);
  return [...found].map(([, comment = '', language = '', block = '']) => ({ language, text: block, comment }));
}

/** The commands of a page that are to be run, by the names that their comments give them. */
export async function readCommands(page: string): Promise<ReadonlyMap<string, string>> {
  const commands = new Map<string, string>();
  for (const { language, comment, text: block } of await readBlocks(page)) {
    const [, name] = /^run: (.+)$/.exec(comment) ?? [];
    if (language !== 'sh' || name === undefined) continue;
    if (commands.has(name)) throw new Error(`${page} has two blocks named ${name}`);
    commands.set(name, block);
  }
  return commands;
}

/** The blocks of commands that are neither run nor say why not: there should be none. */
export async function findUntriedCommands(page: string): Promise<readonly string[]> {
  const blocks = await readBlocks(page);
  return blocks.flatMap(({ language, comment, text: block }) =>
    language === 'sh' && !/^(?:run|not run here): ./.test(comment) ? [block] : [],
  );
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs commands as they stand in a page, as the cluster's admin, in a folder that stands for a clone of the repository. */
export type Terminal = (commands: string) => Promise<CommandResult>;

/**
 * @param folder made here; it gets the `manifests` that the pages name, and whatever the commands write
 * @param programs further programs for the PATH, by name; kubectl is the cluster's
 */
export async function openTerminal(
  cluster: Cluster,
  folder: string,
  programs: Readonly<Record<string, string>>,
): Promise<Terminal> {
  const bin = join(folder, '.bin');
  await mkdir(bin, { recursive: true });
  await symlink(join(ROOT, 'manifests'), join(folder, 'manifests'));
  for (const [name, file] of Object.entries({ kubectl: cluster.kubectlFile, ...programs })) {
    await symlink(file, join(bin, name));
  }
  const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: folder, KUBECONFIG: cluster.kubeconfig };
  return async (commands) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { code, stdout, stderr };
  };
}
