import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { STORY } from '../../tools/demo/story.ts';
import { skipWithoutWaitForCreate } from './kubernetes-minor.ts';
import { NOTHING, useScratch } from './leftovers.ts';

const DEMO = join(import.meta.dirname, '../../tools/demo/main.ts');

const scratch = useScratch();

function startDemo(...args: readonly string[]): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  return spawn(process.execPath, [DEMO, ...args], { env: scratch().env, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function runDemo(...args: readonly string[]): Promise<{ readonly output: string; readonly code: number | null }> {
  const child = startDemo(...args);
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { output, code: child.exitCode };
}

/** The lines of the summary: a step's number, how it was, its title and a note. */
function summaryOf(output: string): readonly { readonly held: boolean; readonly line: string }[] {
  const lines = output.slice(output.indexOf('\nSummary\n')).matchAll(/^ +\d+ {2}(held|FAILED) +(.+)$/gm);
  return [...lines].map(([, word, line]) => ({ held: word === 'held', line: line ?? '' }));
}

// A demo takes some 10 s, and on a machine that does much else, several times that.
describe('the demo', { timeout: 180_000 }, () => {
  test('shows every step, sees each hold, exits with 0 and leaves nothing', async (context) => {
    await skipWithoutWaitForCreate(context);
    const { output, code } = await runDemo();
    expect(output).toContain(`All ${STORY.length} steps were seen to hold`);
    expect(code).toBe(0);
    for (const [index, { title }] of STORY.entries())
      expect(output).toContain(`[${index + 1}/${STORY.length}] ${title}\n`);
    expect(summaryOf(output).map(({ held, line }) => [held, line.replace(/ {2,}.*/, '')])).toEqual(
      STORY.map(({ title }) => [true, title]),
    );
    expect(output).toContain(`-o jsonpath='{.spec.imagePullSecrets}'\n[{"name":"pullkeeper"}]\n`);
    expect(output).toMatch(/A rotated password arrives by itself +followed in [\d.]+ ms\n/);
    // Not a terminal: no colours. What came back holds no password; only what was typed does.
    expect(output).not.toContain('\u001B');
    const shown = output.split('\n').filter((line) => line.includes('s3cret'));
    expect(shown.filter((line) => !/--docker-password=|"auth": "robot:old-s3cret"|^\$ grep /.test(line))).toEqual([]);
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('names the step that does not hold, exits with 1, and with --keep stays until it is interrupted', async (context) => {
    await skipWithoutWaitForCreate(context);
    // serve finds that the namespace blog is not enabled, which only the step about scopes is concerned with.
    const selector = '--namespace-selector=pullkeeper.dev/inject=enabled,kubernetes.io/metadata.name!=blog';
    const child = startDemo('--keep', `--serve-flag=${selector}`);
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      const [, kubeconfig] = /export KUBECONFIG=(.+)/.exec(line) ?? [];
      if (kubeconfig !== undefined) await access(kubeconfig);
      if (line.startsWith('  tail -f ')) child.kill('SIGINT');
    }
    if (child.exitCode === null) await once(child, 'close');
    const output = lines.join('\n');
    expect(summaryOf(output).filter(({ held }) => !held)).toEqual([
      {
        held: false,
        line: expect.stringMatching(
          /^A scope keeps a credential out of a namespace +not seen: each command succeeds$/,
        ) as string,
      },
    ]);
    expect(output).toContain('error: timed out waiting for the condition\n✗ each command succeeds\n');
    expect(output).toContain(`1 of ${STORY.length} steps did not hold.`);
    expect(child.exitCode).toBe(1);
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('is interrupted while it shows', async () => {
    const child = startDemo();
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('kubectl wait')) child.kill('SIGINT');
    }
    if (child.exitCode === null) await once(child, 'close');
    expect(child.exitCode).toBe(130);
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('ends when nobody reads what it shows', async () => {
    const child = startDemo();
    await once(child.stdout, 'data');
    child.stdout.destroy();
    await once(child, 'close');
    expect(child.exitCode).toBe(129);
    expect(await scratch().leftovers()).toEqual(NOTHING);
  });

  test('says what it knows, and what it does not', async () => {
    expect(await runDemo('--help')).toEqual({ output: expect.stringContaining('--keep') as string, code: 0 });
    expect(await runDemo('--nonsense')).toEqual({ output: '', code: 2 });
  });
});
