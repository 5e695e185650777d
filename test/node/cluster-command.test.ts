import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { NOTHING, useScratch } from '../cluster/leftovers.ts';
import { findProblem } from './problem.ts';

const ROOT = join(import.meta.dirname, '../..');
const problem = await findProblem();

describe.skipIf(problem !== undefined)(
  `the command that keeps a node${problem === undefined ? '' : `: ${problem}`}`,
  () => {
    const scratch = useScratch();

    test('says how to use it, line by line as it can be pasted, and leaves nothing after Ctrl-C', async () => {
      const keeper = spawn(process.execPath, [join(ROOT, 'tools/cluster/main.ts'), '--node', '--bare'], {
        env: scratch().env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const commands: string[] = [];
      for await (const line of createInterface({ input: keeper.stdout })) {
        if (/^ {2}(export|kubectl|helm|crane) /.test(line)) commands.push(line.trim());
        if (!line.startsWith('Ctrl-C')) continue;
        const seen = await paste([...commands, 'kubectl wait pod/mine -n try --for=condition=Ready --timeout=60s']);
        // With its output: what did not work is said there.
        expect(seen).toEqual({ code: 0, output: expect.any(String) });
        expect(seen.output).toContain('pod/app condition met');
        expect(seen.output).toContain('pod/mine condition met');
        keeper.kill('SIGINT');
      }
      if (keeper.exitCode === null) await once(keeper, 'close');
      expect(keeper.exitCode).toBe(0);
      expect(commands.map((command) => command.split(' ')[0])).toContain('helm');
      expect(await scratch().leftovers()).toEqual(NOTHING);
    });

    async function paste(commands: readonly string[]): Promise<{ output: string; code: number | null }> {
      const shell = spawn('sh', ['-c', ['exec 2>&1', 'set -e', ...commands].join('\n')], {
        cwd: ROOT,
        env: { PATH: scratch().env['PATH'], HOME: scratch().path },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [output] = await Promise.all([text(shell.stdout), once(shell, 'close')]);
      return { output, code: shell.exitCode };
    }
  },
);
