import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/**
 * JSON lines. Messages are constant, fields vary; what may be logged is decided where it is logged, and the paths below
 * are the last line of defence for what must never be.
 */
export function createLogger(level: string, destination: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: [
          'password',
          'auth',
          'username',
          'data',
          'stringData',
          'authorization',
          '*.password',
          '*.auth',
          '*.data',
        ],
        censor: '[redacted]',
      },
    },
    destination,
  );
}

export interface LogDestination extends DestinationStream {
  flush(): void;
}

/** What is held while nobody reads it: a second of as many reviews as one core can serve. Beyond it, lines are dropped. */
const MOST_HELD_BYTES = 4 * 1024 * 1024;

/** Standard output, written in blocks: a write per line costs a third of what one core can serve. */
export function createLogDestination(): LogDestination & { flushSync(): void; end(): void } {
  return pino.destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 250, maxLength: MOST_HELD_BYTES });
}
