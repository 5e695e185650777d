import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { exitOf } from './admin.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `pullkeeper` from the sources, as a person would, in just this environment. */
export async function runMain(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input = '',
): Promise<CommandResult> {
  const child = spawn(process.execPath, [join(ROOT, 'src/main.ts'), ...args], {
    // Node keeps what it made of the sources: reading them anew is most of what a command costs.
    env: { NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/node'), ...env },
  });
  child.stdin.on('error', () => undefined).end(input);
  const [code, stdout, stderr] = await Promise.all([exitOf(child), text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}
