import { watch, type FSWatcher } from 'node:fs';

/** Whether anything was made, renamed or written directly in some directories since the last look. */
export interface DirectoryChanges {
  /** Aborted at the first change after {@link DirectoryChanges.forget}, or already. */
  signal(): AbortSignal;
  /** What has changed until now is known. */
  forget(): void;
  close(): void;
}

/**
 * Watches directories, not files: a file that is replaced by a rename takes its watch with it. A directory that cannot be
 * watched (a file system without events, no watches left), or no longer, never changes: look there from time to time too.
 */
export function watchDirectories(paths: readonly string[]): DirectoryChanges {
  let change = new AbortController();
  const watchers = [...new Set(paths)].map((path) => watchDirectory(path, () => change.abort()));
  return {
    signal: () => change.signal,
    forget: () => {
      if (change.signal.aborted) change = new AbortController();
    },
    close: () => {
      for (const watcher of watchers) watcher?.close();
    },
  };
}

function watchDirectory(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, { persistent: false }, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
