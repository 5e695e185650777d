import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { appendFile, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ensurePrograms } from '../../../tools/programs/ensure-programs.ts';
import type { ProgramSet } from '../../../tools/programs/program-set.ts';
import type { Progress } from '../../../tools/programs/progress.ts';

const GET_GO = 'Install it from https://go.dev/dl, put its bin folder on your PATH, and try again.';

// Go compiles its runtime in some tests: seconds on an idle machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 30_000 });

let scratch: string;
let set: ProgramSet<'hello'>;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'pk-programs-'));
  await cp(join(import.meta.dirname, 'hello'), join(scratch, 'hello'), { recursive: true });
  set = { name: 'hello', moduleDir: join(scratch, 'hello'), programs: { hello: '.' } };
  // Go's own build cache lies below XDG_CACHE_HOME too, and stays where it is: it holds the runtime.
  const goCache = execFileSync('go', ['env', 'GOCACHE'], { encoding: 'utf8' }).trim();
  env = { ...process.env, GOCACHE: goCache, XDG_CACHE_HOME: join(scratch, 'cache') };
});

afterEach(async () => {
  // A go whose starter was killed writes on for a moment.
  await rm(scratch, { recursive: true, force: true, maxRetries: 10 });
});

/** Progress that is kept, to be looked at. */
function recordProgress(onShow: (status: string) => void = () => undefined): Progress & { said: string[] } {
  const said: string[] = [];
  return { said, say: (line) => void said.push(line), show: onShow };
}

async function cachedFiles(): Promise<string[]> {
  const entries = await readdir(join(scratch, 'cache'), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

/** An environment whose go does not build before the file is there; it ends when its starter does. */
async function holdBuilds(released: string): Promise<NodeJS.ProcessEnv> {
  const bin = join(scratch, 'bin');
  const go = execFileSync('sh', ['-c', 'command -v go'], { encoding: 'utf8' }).trim();
  const script = [
    '#!/bin/sh',
    `[ "$1" != build ] || until [ -e ${released} ]; do kill -0 $PPID || exit; sleep 0.02; done`,
    `exec ${go} "$@"`,
  ];
  await mkdir(bin);
  await writeFile(join(bin, 'go'), script.join('\n'), { mode: 0o755 });
  return { ...env, PATH: `${bin}:${env['PATH']}` };
}

/** What println writes goes to stderr. */
async function run(program: string): Promise<string> {
  return (await promisify(execFile)(program)).stderr;
}

describe('a program', () => {
  test('is built once, outside of the module folder, and says so', async () => {
    const first = recordProgress();
    const { hello } = await ensurePrograms(set, { env, progress: first });
    expect(await run(hello)).toBe('hello\n');
    expect(hello.startsWith(join(scratch, 'cache/pullkeeper/programs/hello-'))).toBe(true);
    expect(first.said).toEqual([
      `building hello into ${dirname(hello)} (once; the first build can take minutes)`,
      expect.stringMatching(/^built hello \(1 of 1\) in \d+s$/),
    ]);
    expect(await cachedFiles()).toEqual(['hello']);

    const second = recordProgress();
    expect(await ensurePrograms(set, { env, progress: second })).toEqual({ hello });
    expect(second.said).toEqual([]);
  });

  test('is built anew when its code, its flags or its module file change', async () => {
    const progress = recordProgress();
    const files = [await ensurePrograms(set, { env, progress })];
    await writeFile(join(set.moduleDir, 'main.go'), 'package main\n\nfunc main() { println("changed") }\n');
    files.push(await ensurePrograms(set, { env, progress }));
    files.push(await ensurePrograms({ ...set, ldflags: '-s -w -X main.x=y' }, { env, progress }));
    await writeFile(join(set.moduleDir, 'go.mod'), 'module changed\n\ngo 1.26.0\n');
    files.push(await ensurePrograms(set, { env, progress }));
    expect(new Set(files.map(({ hello }) => hello)).size).toBe(4);
    expect(await Promise.all(files.map(({ hello }) => run(hello)))).toEqual([
      'hello\n',
      'changed\n',
      'changed\n',
      'changed\n',
    ]);
  });

  test('is built of another module file, when one is named, and anew when that changes', async () => {
    const progress = recordProgress();
    const files = [await ensurePrograms(set, { env, progress })];
    const modFile = join(scratch, 'other/go.mod');
    await mkdir(dirname(modFile));
    await writeFile(join(dirname(modFile), 'go.sum'), '');
    for (const name of ['other', 'another']) {
      await writeFile(modFile, `module ${name}\n\ngo 1.26.0\n`);
      files.push(await ensurePrograms({ ...set, modFile }, { env, progress }));
    }
    expect(new Set(files.map(({ hello }) => hello)).size).toBe(3);
    const modules = files.map(({ hello }) => execFileSync('go', ['version', '-m', hello], { encoding: 'utf8' }));
    expect(modules.map((text) => /^\tpath\t(.+)$/m.exec(text)?.[1])).toEqual([
      'pullkeeper.dev/test/hello',
      'other',
      'another',
    ]);
  });

  test('is not built anew for a test or a text file', async () => {
    const before = await ensurePrograms(set, { env, progress: recordProgress() });
    await writeFile(join(set.moduleDir, 'main_test.go'), 'package main\n');
    await writeFile(join(set.moduleDir, 'README.md'), 'read me\n');
    expect(await ensurePrograms(set, { env, progress: recordProgress() })).toEqual(before);
  });

  test('that does not compile shows what go says, and leaves nothing', async () => {
    await writeFile(join(set.moduleDir, 'main.go'), 'package main\n\nfunc main() { greet() }\n');
    await expect(ensurePrograms(set, { env, progress: recordProgress() })).rejects.toMatchObject({
      name: 'ProgramsError',
      message:
        'hello could not be built: go build . failed:\n' +
        '# pullkeeper.dev/test/hello\n./main.go:3:15: undefined: greet',
    });
    expect(await cachedFiles()).toEqual([]);
  });
});

describe('some of a set', () => {
  test('are built, and no others', async () => {
    const two = { ...set, programs: { hello: '.', absent: './absent' } };
    const found = await ensurePrograms(two, { env, progress: recordProgress() }, ['hello']);
    expect(Object.keys(found)).toEqual(['hello']);
    expect(await cachedFiles()).toEqual(['hello']);
  });
});

describe('two at once', () => {
  test('build once: the second waits and is told what the first does', async () => {
    const one = recordProgress();
    const statuses: string[] = [];
    // A program that go has not compiled before.
    await appendFile(join(set.moduleDir, 'main.go'), `\n// ${scratch}\n`);
    const released = join(scratch, 'released');
    const held = await holdBuilds(released);
    const other = recordProgress((status) => {
      statuses.push(status);
      if (status.includes('packages')) writeFileSync(released, '');
    });
    const started = Promise.withResolvers<void>();
    const first = ensurePrograms(set, { env: held, progress: { ...one, show: () => started.resolve() } });
    await started.promise;
    const second = ensurePrograms(set, { env: held, progress: other });
    expect(await second).toEqual(await first);
    expect(one.said).toHaveLength(2);
    expect(other.said).toEqual(['another process is building hello: waiting for it']);
    expect(statuses).toContainEqual(
      expect.stringMatching(/^waiting for another process: building hello \(1 of 1\), 1 packages done, linking, \d+s$/),
    );
  });

  test('when the builder is killed, the one that waits builds, and nothing unfinished stays', async () => {
    const builder = spawn(process.execPath, [join(import.meta.dirname, 'ensure-hello.ts'), set.moduleDir], {
      env: await holdBuilds(join(scratch, 'never')),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(builder.stdout, 'data');
    const progress = recordProgress();
    const waiting = ensurePrograms(set, { env, progress: { ...progress, show: () => builder.kill('SIGKILL') } });
    const { hello } = await waiting;
    expect(await run(hello)).toBe('hello\n');
    expect(progress.said).toEqual([
      'another process is building hello: waiting for it',
      `building hello into ${dirname(hello)} (once; the first build can take minutes)`,
      expect.stringMatching(/^built hello \(1 of 1\) in \d+s$/),
    ]);
    expect(await readdir(dirname(hello))).toEqual(['hello']);
  });
});

test('an interrupted build ends with the reason and leaves nothing', async () => {
  const reason = new Error('no longer wanted');
  const controller = new AbortController();
  const progress = recordProgress((status) => {
    if (/[1-9]\d* of \d+ packages/.test(status)) controller.abort(reason);
  });
  // A Go build cache of its own, so that it compiles for a while.
  const cold = { ...env, GOCACHE: join(scratch, 'go-build') };
  await expect(ensurePrograms(set, { env: cold, progress, signal: controller.signal })).rejects.toBe(reason);
  expect(await cachedFiles()).toEqual([]);
  const [folder] = await readdir(join(scratch, 'cache/pullkeeper/programs'));
  const [toolchain] = await readdir(join(scratch, 'cache/pullkeeper/programs', folder ?? ''));
  expect(await readdir(join(scratch, 'cache/pullkeeper/programs', folder ?? '', toolchain ?? ''))).toEqual([]);
});

describe('without a Go that serves', () => {
  test('the sentence says what is missing, what is needed and where it is', async () => {
    await expect(ensurePrograms(set, { env: { ...env, PATH: scratch } })).rejects.toMatchObject({
      name: 'ProgramsError',
      message: `hello must be built. Go 1.26.0 or newer is needed, and there is no go on your PATH. ${GET_GO}`,
    });
  });

  test('too old: the sentence says which one was found', async () => {
    await writeFile(join(set.moduleDir, 'go.mod'), 'module hello\n\ngo 1.999.0\n');
    const found = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim();
    await expect(ensurePrograms(set, { env: { ...env, GOTOOLCHAIN: 'local' } })).rejects.toMatchObject({
      message: `hello must be built. Go 1.999.0 or newer is needed, and the go on your PATH is ${found}. ${GET_GO}`,
    });
  });

  test('what was built before is used', async () => {
    const built = await ensurePrograms(set, { env, progress: recordProgress() });
    expect(await ensurePrograms(set, { env: { ...env, PATH: scratch } })).toEqual(built);
  });
});

describe('a folder of ready programs', () => {
  test('is used before the cache, as far as it goes', async () => {
    const built = await ensurePrograms(set, { env, progress: recordProgress() });
    const assets = join(scratch, 'assets');
    await mkdir(assets);
    await cp(built.hello, join(assets, 'hello'));
    const two = { ...set, assetsVariable: 'HELLO_ASSETS', programs: { hello: '.', other: '.' } };
    const progress = recordProgress();
    const found = await ensurePrograms(two, { env: { ...env, HELLO_ASSETS: assets }, progress });
    expect(found.hello).toBe(join(assets, 'hello'));
    expect(await run(found.other)).toBe('hello\n');
    expect(progress.said[0]).toMatch(/^building other into /);
  });

  test('that is not there is an error', async () => {
    const withAssets = { ...set, assetsVariable: 'HELLO_ASSETS' };
    const start = ensurePrograms(withAssets, { env: { ...env, HELLO_ASSETS: join(scratch, 'absent') } });
    await expect(start).rejects.toThrow(
      `HELLO_ASSETS names ${join(scratch, 'absent')}, which is not a readable folder`,
    );
  });
});
