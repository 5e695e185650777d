import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { NOTHING, useScratch } from '../cluster/leftovers.ts';
import { findProblem } from './problem.ts';

const DEMO = join(import.meta.dirname, '../../tools/demo/main.ts');
const problem = await findProblem();

// A minute, and on a machine that does much else, several times that.
describe.skipIf(problem !== undefined)(
  `the demo on a node${problem === undefined ? '' : `: ${problem}`}`,
  { timeout: 300_000 },
  () => {
    const scratch = useScratch();

    /** Runs it, and interrupts it where a line says so. */
    async function runDemo(interruptAt: RegExp | undefined): Promise<{ lines: string[]; code: number | null }> {
      const demo = spawn(process.execPath, [DEMO, '--node'], {
        env: scratch().env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines: string[] = [];
      for await (const line of createInterface({ input: demo.stdout })) {
        lines.push(line);
        if (interruptAt?.test(line) === true) demo.kill('SIGINT');
      }
      if (demo.exitCode === null) await once(demo, 'close');
      return { lines, code: demo.exitCode };
    }

    test('ends with Pods running, sees each step hold, and leaves nothing', async () => {
      const { lines, code } = await runDemo(undefined);
      expect(lines.filter((line) => /^✗|FAILED/.test(line))).toEqual([]);
      expect(code).toBe(0);
      const summary = lines.slice(lines.indexOf('Summary'));
      expect(summary).toContainEqual(expect.stringMatching(/^ +\d+ {2}held +Everything in the namespace runs$/));
      expect(summary.at(-1)).toMatch(/^All \d+ steps were seen to hold/);
      expect(await scratch().leftovers()).toEqual(NOTHING);
    });

    test('is interrupted while Pods run, and leaves nothing', async () => {
      const { code } = await runDemo(/^\$ kubectl rollout status/);
      expect(code).toBe(130);
      expect(await scratch().leftovers()).toEqual(NOTHING);
    });
  },
);
