import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** A temporary folder of a test's own: what a cluster that was given it as TMPDIR leaves behind can be seen. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  /** Files below it. */
  files(): Promise<string[]>;
  /** Command lines that name it, by process id: a cluster's supervisor and all its programs do. */
  processes(): Promise<Map<number, string>>;
  leftovers(): Promise<Leftovers>;
}

export interface Leftovers {
  readonly processes: readonly string[];
  readonly files: readonly string[];
}

export const NOTHING: Leftovers = { processes: [], files: [] };

export async function createScratch(): Promise<Scratch> {
  const path = await mkdtemp(join(tmpdir(), 'pk-'));
  const files = (): Promise<string[]> => readdir(path);
  async function processes(): Promise<Map<number, string>> {
    return new Map([...(await commandLines())].filter(([, line]) => line.includes(path)));
  }
  return {
    path,
    // npm keeps compiled code in the temporary folder, which is not what is looked for here.
    env: { ...process.env, TMPDIR: path, NODE_DISABLE_COMPILE_CACHE: '1' },
    files,
    processes,
    leftovers: async () => ({ processes: [...(await processes()).values()], files: await files() }),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** One for each test of a file. What a test leaves running is killed after it: the next one begins with nothing. */
export function useScratch(): () => Scratch {
  let scratch: Scratch | undefined;
  beforeEach(async () => {
    scratch = await createScratch();
  });
  afterEach(async () => {
    if (scratch === undefined) return;
    for (const pid of (await scratch.processes()).keys()) process.kill(pid, 'SIGKILL');
    await scratch[Symbol.asyncDispose]();
  });
  return () => {
    if (scratch === undefined) throw new Error('a hook makes it, which has not run yet');
    return scratch;
  };
}

async function commandLines(): Promise<Map<number, string>> {
  if (process.platform !== 'linux') {
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
    return new Map(lines.map((line) => [Number.parseInt(line, 10), line]));
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = pids.map(async (pid) => {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return [Number(pid), line.replaceAll('\0', ' ')] as const;
  });
  return new Map(await Promise.all(read));
}
