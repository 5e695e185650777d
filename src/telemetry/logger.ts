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

/** Standard output, written in blocks: a write per line costs a third of what one core can serve. */
export function createLogDestination(): LogDestination & { flushSync(): void; end(): void } {
  return pino.destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 250 });
}
