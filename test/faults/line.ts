import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** How connections that were open when the line went silent fare when it is well again. */
export type Ending =
  /** What was held up arrives. */
  | 'resume'
  /** They are reset. */
  | 'reset'
  /** They stay silent for ever, as where a load balancer has forgotten them. */
  | 'dead';

/** A TCP line to a server, that can go silent: it accepts, and nothing comes through. */
export interface Line {
  readonly port: number;
  /** Nothing comes through any more, on connections that are open and on new ones. */
  silence(): void;
  /** New connections work again. */
  end(ending: Ending): void;
  /** Resets every connection. */
  reset(): void;
  close(): Promise<void>;
}

interface Connection {
  readonly near: Socket;
  far: Socket | undefined;
}

export async function openLine(targetPort: number): Promise<Line> {
  const connections = new Set<Connection>();
  /** Silent for ever. */
  const dead = new Set<Connection>();
  let silent = false;

  const server = createServer({ pauseOnConnect: true }, (near) => {
    const connection: Connection = { near, far: undefined };
    connections.add(connection);
    near.on('error', () => undefined);
    near.on('close', () => {
      connections.delete(connection);
      dead.delete(connection);
      connection.far?.destroy();
    });
    if (!silent) join(connection);
  });

  function join(connection: Connection): void {
    const { near } = connection;
    const far = connect(targetPort, '127.0.0.1');
    connection.far = far;
    far.on('error', () => near.resetAndDestroy());
    far.on('close', () => near.destroy());
    near.pipe(far);
    far.pipe(near);
  }

  function hold({ near, far }: Connection): void {
    near.unpipe();
    near.pause();
    far?.unpipe();
    far?.pause();
  }

  function resume(connection: Connection): void {
    const { near, far } = connection;
    if (far === undefined) join(connection);
    else {
      near.pipe(far);
      far.pipe(near);
    }
  }

  function reset(): void {
    for (const { near } of connections) near.resetAndDestroy();
  }

  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    silence: () => {
      silent = true;
      for (const connection of connections) hold(connection);
    },
    end: (ending) => {
      silent = false;
      if (ending === 'reset') return reset();
      for (const connection of connections) {
        if (ending === 'resume' && !dead.has(connection)) resume(connection);
        else dead.add(connection);
      }
    },
    reset,
    close: async () => {
      server.close();
      for (const { near, far } of connections) {
        near.destroy();
        far?.destroy();
      }
      await once(server, 'close');
    },
  };
}
