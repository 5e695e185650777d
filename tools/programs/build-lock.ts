import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * One builder at a time for each cache folder, among all processes of this user. The lock is a listening socket: the
 * kernel frees it when its process ends, however it ends, and those who wait are connected to it, so they see what the
 * builder is doing and wake when it is done. A lock that fails to keep two builders apart (another network namespace)
 * costs time, not correctness: programs are moved into the cache in one step.
 */
export type BuildLock = Builder | OtherBuilder;

export interface Builder extends AsyncDisposable {
  readonly mine: true;
  /** Sends a line to all who wait. */
  tell(line: string): void;
}

export interface OtherBuilder {
  readonly mine: false;
  /** What the other process says it is doing; ends when it gives the lock up. */
  lines(signal: AbortSignal | undefined): AsyncIterable<string>;
}

/** Takes the lock for `folder`, or connects to the process that has it. */
export async function takeBuildLock(folder: string): Promise<BuildLock> {
  const address = lockAddress(folder);
  for (;;) {
    const builder = await listen(address);
    if (builder !== undefined) return builder;
    const other = await follow(address);
    if (other !== undefined) return other;
    // Nobody answers: it ended between the two calls, or left its socket file behind.
    if (!address.startsWith('\0')) await rm(address, { force: true });
  }
}

/** Linux has socket names that are no files and so cannot be left behind; elsewhere it is a file in the temporary folder. */
function lockAddress(folder: string): string {
  const hash = createHash('sha256').update(`${userInfo().uid}\n${folder}`).digest('hex').slice(0, 16);
  const name = `pullkeeper-build-${hash}`;
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), name);
}

async function listen(address: string): Promise<Builder | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => waiting.delete(socket));
    // Nothing is expected from those who wait; reading is what makes their end visible.
    socket.resume();
  });
  try {
    await once(server.listen(address), 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
  return {
    mine: true,
    tell(line) {
      for (const socket of waiting) socket.write(`${line}\n`);
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of waiting) socket.destroy();
      await closed;
    },
  };
}

async function follow(address: string): Promise<OtherBuilder | undefined> {
  const socket = connect(address);
  try {
    await once(socket, 'connect');
  } catch {
    return undefined;
  }
  // Seen by whoever reads the lines; without a listener here it would end the process when nobody does.
  socket.on('error', () => undefined);
  const stop = (): void => void socket.destroy();
  return {
    mine: false,
    async *lines(signal) {
      signal?.throwIfAborted();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        yield* createInterface({ input: socket });
      } catch {
        // A builder that is killed resets the connection: that is an end like any other.
      } finally {
        signal?.removeEventListener('abort', stop);
        socket.destroy();
      }
      signal?.throwIfAborted();
    },
  };
}
