import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runGo } from './run-go.ts';

/** The Go that is there, or the sentence that says why none serves. */
export type GoToolchain =
  { readonly version: string; readonly problem?: never } | { readonly version?: never; readonly problem: string };

const HOW_TO_GET_IT = 'Install it from https://go.dev/dl, put its bin folder on your PATH, and try again.';

/** Looks for a Go that is new enough for the module in `moduleDir` (the `go` line of its go.mod). */
export async function findGo(
  moduleDir: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<GoToolchain> {
  const needed = requiredVersion(await readFile(join(moduleDir, 'go.mod'), 'utf8'));
  let answer;
  try {
    // Run in the module's folder: a Go that is too old may bring the right one by itself (GOTOOLCHAIN=auto).
    answer = await runGo({ args: ['version'], cwd: moduleDir, env: goEnvironment(env), signal });
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { problem: `Go ${needed} or newer is needed, and there is no go on your PATH. ${HOW_TO_GET_IT}` };
  }
  const version = /^go version (?:devel )?(go\S+)/.exec(answer.stdout)?.[1];
  if (answer.code !== 0 || version === undefined) {
    return {
      problem: `Go ${needed} or newer is needed, and the go on your PATH said: ${answer.stderr.trim()}\n${HOW_TO_GET_IT}`,
    };
  }
  if (isOlder(version, needed)) {
    return { problem: `Go ${needed} or newer is needed, and the go on your PATH is ${version}. ${HOW_TO_GET_IT}` };
  }
  return { version };
}

/** The environment that every go command runs in: static programs for this machine, no workspace file from above. */
export function goEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, CGO_ENABLED: '0', GOWORK: 'off', GOOS: undefined, GOARCH: undefined };
}

/** The version in go.mod's `go` line; every module has one since Go 1.12. */
function requiredVersion(goMod: string): string {
  return /^go (\S+)/m.exec(goMod)?.[1] ?? '1.26';
}

/** Compares release numbers; a pre-release counts as its release. */
export function isOlder(version: string, needed: string): boolean {
  const have = releaseNumbers(version);
  const want = releaseNumbers(needed);
  for (const [index, number] of want.entries()) {
    const difference = (have[index] ?? 0) - number;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function releaseNumbers(version: string): number[] {
  const [, major, minor, patch] = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0), Number(patch ?? 0)];
}
