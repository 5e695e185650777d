import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that the kernel hands out to connections (Linux: 32768 and up, macOS: 49152 and up). In that range a
 * client that calls an API server which is stopped can be given the server's own port, and then talks to itself.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_767;

/** Finds a loopback port that nobody listens on now. Somebody else may take it before its user does. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
