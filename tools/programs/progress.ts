/** Tells a person what a long piece of work is doing. */
export interface Progress {
  /** Prints a line that stays. */
  say(line: string): void;
  /** Replaces what is shown as being done right now; an empty text takes it away. May be called as often as one likes. */
  show(status: string): void;
}

/** What `terminalProgress` needs of a stream; `process.stderr` is one. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A log file or CI gets a status line this often: seldom enough to read, often enough to see that something moves. */
const PLAIN_INTERVAL_MS = 10_000;

const CLEAR_LINE = '\r\u001B[2K';

/**
 * Progress on a terminal: one line at the bottom that is rewritten in place.
 * On anything else: a status is printed when nothing was for ten seconds.
 */
export function terminalProgress(stream: ProgressStream, now: () => number = () => performance.now()): Progress {
  return stream.isTTY === true ? rewriteLine(stream) : printNowAndThen(stream, now);
}

function rewriteLine(stream: ProgressStream): Progress {
  let shown = '';
  return {
    say(line) {
      stream.write(`${shown === '' ? '' : CLEAR_LINE}${line}\n${shown}`);
    },
    show(status) {
      const text = status.slice(0, (stream.columns ?? 80) - 1);
      if (text === shown) return;
      stream.write(`${CLEAR_LINE}${text}`);
      shown = text;
    },
  };
}

function printNowAndThen(stream: ProgressStream, now: () => number): Progress {
  let printedAt = now();
  function print(line: string): void {
    printedAt = now();
    stream.write(`${line}\n`);
  }
  return {
    say: print,
    show(status) {
      if (status !== '' && now() - printedAt >= PLAIN_INTERVAL_MS) print(status);
    },
  };
}

/** Whole seconds for people: `9s`, `1m12s`, `1h02m`. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(seconds % 60).padStart(2, '0')}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}m`;
}
