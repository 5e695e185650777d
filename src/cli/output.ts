import type { Writable } from 'node:stream';

/** A stream that a command's words go to. */
export interface Output {
  write(text: string): void;
  /**
   * Waits until all that was written is handed over. To a pipe whose reader is slow it is not when a command is done, and
   * a process that ends then cuts it off.
   *
   * @returns why it could not be, for people; undefined when all is well, and when the reader wanted no more (`| head`)
   */
  handOver(): Promise<string | undefined>;
}

/** Listens for errors from now on: one that nobody listens for ends the process. */
export function createOutput(stream: Writable): Output {
  let error: NodeJS.ErrnoException | undefined;
  stream.on('error', (reason: NodeJS.ErrnoException) => {
    error ??= reason;
  });
  return {
    write: (text) => void stream.write(text),
    handOver: async () => {
      const last = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
        stream.write('', resolve);
      });
      const reason = error ?? last ?? undefined;
      if (reason === undefined || reason.code === 'EPIPE') return undefined;
      return `the output could not be written: ${reason.message}`;
    },
  };
}
