import type { Server, Socket } from 'node:net';

/** Knows every connection of a server, so that one that says nothing cannot keep the process from ending. */
export interface Connections {
  /** Ends those that are left. */
  destroy(): void;
  count(): number;
}

export function trackConnections(server: Server): Connections {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
    count: () => sockets.size,
  };
}
