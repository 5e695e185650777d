import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

/**
 * Runs projects of the test runner, prints what failed, what was skipped and how many, and returns the exit code: 0 when
 * every test passed. `filters` are the runner's own: parts of file names, `-t NAME`.
 */
export async function runTests(
  projects: readonly string[],
  filters: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const reports = await mkdtemp(join(tmpdir(), 'pullkeeper-reports-'));
  try {
    const args = ['run', ...projects.map((project) => `--project=${project}`), ...filters];
    const tested = await run([VITEST, ...args], { ...env, PULLKEEPER_TEST_REPORTS: reports });
    const counted = await run([join(ROOT, 'tools/ci/main.ts'), reports], env);
    return tested === 0 ? counted : tested;
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
