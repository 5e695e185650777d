import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A loopback port of this machine that leads to a socket file, as long as this process lives. */
export interface LoopbackDoor extends AsyncDisposable {
  readonly port: number;
}

export async function openLoopbackDoor(socketPath: string): Promise<LoopbackDoor> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (outside) => {
    const inside = connect({ path: socketPath, allowHalfOpen: true });
    outside.pipe(inside).pipe(outside);
    // One side's failure is the other side's end.
    for (const [side, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      open.add(side);
      side.on('error', () => other.destroy());
      side.on('close', () => {
        open.delete(side);
        other.destroy();
      });
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
