import type { Server, Socket } from 'node:net';
import type { ServerLimits } from './limits.ts';

/** Knows every connection of a server, and which of them wait for their client. */
export interface Connections {
  count(): number;
  /** The request of this connection is there as a whole: it waits for us now. */
  startWork(socket: Socket): void;
  /** It is answered: the connection waits for its client again. */
  endWork(socket: Socket): void;
  /** Ends those that are left, so that one that says nothing cannot keep the process from ending. */
  destroy(): void;
}

type ConnectionLimits = Pick<ServerLimits, 'connections' | 'staleMs' | 'mostConnections'>;

interface Connection {
  readonly socket: Socket;
  /** When it began to wait. */
  readonly since: number;
}

/**
 * Bounds a server's connections. Beyond the first limit the one that has waited longest for its client goes (idle, in the middle
 * of a handshake or of a request), never one that waits for us: whoever opens connections and says nothing loses them first. A
 * burst is no attack: what came only just now stays, up to the second limit.
 * A client whose idle connection ends connects anew; the API server does so at once, and sends the request again if need be.
 *
 * @param now monotonic milliseconds
 */
export function limitConnections(server: Server, limits: ConnectionLimits, now: () => number): Connections {
  /** Connections as TCP sees them, by their peer's address and port, the one that has waited longest first. */
  const waiting = new Map<string, Connection>();
  const working = new Map<string, Connection>();
  /** The TLS connection over each of them says where it comes from only as long as it lasts. */
  const peers = new WeakMap<Socket, string>();

  function makeRoom(): boolean {
    const count = waiting.size + working.size;
    if (count < limits.connections) return true;
    const isFull = count >= limits.mostConnections;
    for (const [peer, { socket, since }] of waiting) {
      if (!isFull && now() - since < limits.staleMs) break;
      waiting.delete(peer);
      socket.destroy();
      return true;
    }
    return !isFull;
  }

  server.on('connection', (socket: Socket) => {
    if (!makeRoom()) {
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    waiting.set(peer, { socket, since: now() });
    socket.once('close', () => {
      for (const connections of [waiting, working])
        if (connections.get(peer)?.socket === socket) connections.delete(peer);
    });
  });
  server.on('secureConnection', (socket: Socket) => peers.set(socket, peerOf(socket)));

  function move(socket: Socket, from: Map<string, Connection>, to: Map<string, Connection>): void {
    const peer = peers.get(socket);
    const connection = peer === undefined ? undefined : from.get(peer);
    if (peer === undefined || connection === undefined) return;
    from.delete(peer);
    to.set(peer, { socket: connection.socket, since: now() });
  }

  return {
    count: () => waiting.size + working.size,
    startWork: (socket) => move(socket, waiting, working),
    endWork: (socket) => move(socket, working, waiting),
    destroy: () => {
      for (const { socket } of [...waiting.values(), ...working.values()]) socket.destroy();
    },
  };
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
