import type { Server } from 'node:https';
import type { Socket } from 'node:net';

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

/**
 * Keeps at most `most` connections. Beyond that the one that has waited longest for its client goes (idle, in the middle of
 * a handshake or of a request), never one that waits for us: whoever opens connections and says nothing loses them first.
 * A client whose idle connection ends connects anew; the API server does so at once, and sends the request again if need be.
 */
export function limitConnections(server: Server, most: number): Connections {
  /** Connections as TCP sees them, by their peer's address and port, the one that has waited longest first. */
  const waiting = new Map<string, Socket>();
  const working = new Map<string, Socket>();
  /** The TLS connection over each of them says where it comes from only as long as it lasts. */
  const peers = new WeakMap<Socket, string>();

  function makeRoom(): boolean {
    if (waiting.size + working.size < most) return true;
    for (const [peer, socket] of waiting) {
      waiting.delete(peer);
      socket.destroy();
      return true;
    }
    return false;
  }

  server.on('connection', (socket: Socket) => {
    if (!makeRoom()) {
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    waiting.set(peer, socket);
    socket.once('close', () => {
      if (waiting.get(peer) === socket) waiting.delete(peer);
      if (working.get(peer) === socket) working.delete(peer);
    });
  });
  server.on('secureConnection', (socket: Socket) => peers.set(socket, peerOf(socket)));

  function move(socket: Socket, from: Map<string, Socket>, to: Map<string, Socket>): void {
    const peer = peers.get(socket);
    const connection = peer === undefined ? undefined : from.get(peer);
    if (peer === undefined || connection === undefined) return;
    from.delete(peer);
    to.set(peer, connection);
  }

  return {
    count: () => waiting.size + working.size,
    startWork: (socket) => move(socket, waiting, working),
    endWork: (socket) => move(socket, working, waiting),
    destroy: () => {
      for (const socket of [...waiting.values(), ...working.values()]) socket.destroy();
    },
  };
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
