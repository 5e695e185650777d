import { pino, type DestinationStream, type Logger } from 'pino';
import { isRecord } from '../core/json-value.ts';

export type { Logger } from 'pino';

/**
 * JSON lines. Messages are constant, fields vary; what may be logged is decided where it is logged, and the names below
 * are the last line of defence for what must never be.
 */
export function createLogger(level: string, destination: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redact },
    },
    destination,
  );
}

const NEVER_LOGGED: ReadonlySet<string> = new Set([
  'password',
  'auth',
  'username',
  'data',
  'stringData',
  'authorization',
]);

/** At any depth. pino's own `redact` looks at each value by each path with a wildcard: half of what a line costs. */
function redact(fields: Record<string, unknown>): Record<string, unknown> {
  let redacted: Record<string, unknown> | undefined;
  for (const name of Object.keys(fields)) {
    const safe = NEVER_LOGGED.has(name) ? '[redacted]' : redactValue(fields[name]);
    if (safe !== fields[name]) redacted = { ...(redacted ?? fields), [name]: safe };
  }
  return redacted ?? fields;
}

function redactValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactValue);
  return isRecord(value) ? redact(value) : value;
}

export interface LogDestination extends DestinationStream {
  flush(): void;
}

export interface LogOutput extends LogDestination {
  /** Resolves when every line has been written. A process that ends before loses some. */
  writeAll(): Promise<void>;
}

/** What is held while nobody reads it: a second of as many reviews as one core can serve. Beyond it, lines are dropped. */
const MOST_HELD_BYTES = 4 * 1024 * 1024;

/** An open file, written in blocks: a write per line costs a third of what one core can serve. */
export function createLogDestination(fd: number): LogOutput {
  const stream = pino.destination({
    fd,
    sync: false,
    minLength: 4096,
    periodicFlush: 250,
    maxLength: MOST_HELD_BYTES,
  });
  return {
    write: (line) => stream.write(line),
    flush: () => stream.flush(),
    writeAll: async () => {
      // A block whose write is under way, or waits for a full pipe, has to come first: flushSync knows nothing of it.
      await new Promise<void>((resolve) => stream.flush(() => resolve()));
      stream.flushSync();
    },
  };
}
