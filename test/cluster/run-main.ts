import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import { exitOf } from './admin.ts';

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `pullkeeper` as a person would, in just this environment. */
export async function runMain(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input = '',
): Promise<CommandResult> {
  const child = spawn(process.execPath, [inject('entry'), ...args], { env });
  child.stdin.on('error', () => undefined).end(input);
  const [code, stdout, stderr] = await Promise.all([exitOf(child), text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}
