import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD_FLAGS } from './cache-folder.ts';
import { goEnvironment } from './go-toolchain.ts';
import { ProgramsError, type ProgramSet } from './program-set.ts';
import { formatDuration } from './progress.ts';
import { runGo } from './run-go.ts';

export interface Build {
  readonly set: ProgramSet;
  readonly program: string;
  /** Import path of the program's main package. */
  readonly package: string;
  /** Folder for everything unfinished; on the same file system as `target`. */
  readonly workDir: string;
  /** The file that is there, whole, when the build has succeeded. */
  readonly target: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
  /** Gets what the build is doing, at least once a second: `143 of 2078 packages, 1m12s`. */
  readonly show: (state: string) => void;
}

/**
 * Builds one program. Rejects with a {@link ProgramsError} that holds go's own output when go fails, with the signal's
 * reason when interrupted.
 */
export async function buildProgram(build: Build): Promise<void> {
  const watcher = new BuildWatcher();
  const startedAt = performance.now();
  const show = (): void => build.show(`${watcher.state()}, ${formatDuration(performance.now() - startedAt)}`);
  const heartbeat = setInterval(show, 1000);
  const onLine = (line: string): void => {
    watcher.read(line);
    show();
  };
  try {
    watcher.total = await countPackages(build, onLine);
    const unfinished = join(build.workDir, build.program);
    await go(build, ['build', '-v', ...buildFlags(build.set), '-o', unfinished, build.package], onLine, watcher);
    await rename(unfinished, build.target);
  } finally {
    clearInterval(heartbeat);
  }
}

/** How many packages go has to compile: those that its build cache holds cost nothing and are not reported by -v. */
async function countPackages(build: Build, onLine: (line: string) => void): Promise<number> {
  const format = '{{if .Stale}}{{.ImportPath}}{{end}}';
  const { stdout } = await go(build, ['list', '-deps', ...buildFlags(build.set), '-f', format, build.package], onLine);
  return stdout.split('\n').filter((line) => line !== '').length;
}

function buildFlags(set: ProgramSet): string[] {
  const modFile = set.modFile === undefined ? [] : [`-modfile=${set.modFile}`];
  return [...BUILD_FLAGS, ...modFile, '-ldflags', set.ldflags ?? '-s -w', '-tags', (set.tags ?? []).join(',')];
}

async function go(build: Build, args: string[], onLine: (line: string) => void, watcher?: BuildWatcher) {
  // GOTMPDIR: what a killed go leaves behind is removed together with the work folder.
  const env = { ...goEnvironment(build.env), GOTMPDIR: build.workDir };
  const result = await runGo({ args, cwd: build.set.moduleDir, env, signal: build.signal, onLine });
  if (result.code === 0) return result;
  const said = (watcher?.other.join('\n') ?? '') || result.stderr;
  throw new ProgramsError(`${build.program} could not be built: go ${args[0]} ${build.package} failed:\n${said}`);
}

/** Reads what `go list` and `go build -v` print on stderr. */
export class BuildWatcher {
  /** Packages to compile; 0 while not known. */
  total = 0;
  /** What is neither a download nor a package's name: warnings and errors. */
  readonly other: string[] = [];
  #compiled = 0;
  #downloads = 0;
  #lastDownload = '';

  read(line: string): void {
    const download = /^go: downloading (.+)$/.exec(line)?.[1];
    if (download !== undefined) {
      this.#downloads += 1;
      this.#lastDownload = download;
    } else if (/^[\w.~+-]+(\/[\w.~+-]+)*$/.test(line)) {
      this.#compiled += 1;
    } else {
      this.other.push(line);
    }
  }

  state(): string {
    // The last package is the program itself: compiled in no time, then linked.
    if (this.total > 0 && this.#compiled >= this.total - 1) return `${this.total} packages done, linking`;
    if (this.total > 0) return `${this.#compiled} of ${this.total} packages`;
    if (this.#downloads > 0) return `${this.#downloads} modules downloaded, last ${this.#lastDownload}`;
    return 'reading its packages';
  }
}
