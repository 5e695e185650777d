/**
 * Programs built from one Go module folder (a go.mod, a go.sum and, for a module with code of its own, its .go files).
 * `Name` is the union of the programs' names, so that what {@link ensurePrograms} returns is typed by them.
 */
export interface ProgramSet<Name extends string = string> {
  /** Names the folder in the cache and the set in messages, for example `control-plane`. */
  readonly name: string;
  /** Absolute path of the folder that holds go.mod. */
  readonly moduleDir: string;
  /** Absolute path of a go.mod, its go.sum beside it, that is used in place of the folder's own (`go build -modfile`). */
  readonly modFile?: string;
  /** Program name (also its file name) → import path of its main package; `.` is the module's own folder. */
  readonly programs: Readonly<Record<Name, string>>;
  /** Passed to `go build -ldflags`. Default `-s -w`: no symbol table, half the size. */
  readonly ldflags?: string;
  /** Passed to `go build -tags`. */
  readonly tags?: readonly string[];
  /** Environment variable that may name a folder of ready programs: those found there are used instead of being built. */
  readonly assetsVariable?: string;
}

/** A problem that the person at the terminal can solve; its message is all that needs to be shown. */
export class ProgramsError extends Error {
  override readonly name = 'ProgramsError';
}
