import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Replica } from '../../tools/installation/installation.ts';

/**
 * What a Service does for TCP: each new connection goes to one of the endpoints in turn, and stays there. A replica is an
 * endpoint some time after its readiness was last asked for, and no longer some time after it was found not ready, as
 * kubelet, endpoint controller and kube-proxy need theirs.
 */
export interface Service extends AsyncDisposable {
  readonly origin: string;
  /** Resolves when it is ready and an endpoint. */
  add(replica: Replica): Promise<void>;
  /** The replicas that get new connections now. */
  readonly endpoints: () => readonly Replica[];
  /** Connections so far. */
  readonly connections: () => number;
}

export interface ServiceOptions {
  /** How often a replica is asked whether it is ready. */
  readonly probeMs: number;
  /** How long the endpoints lag behind the answer. */
  readonly lagMs: number;
}

export async function startService({ probeMs, lagMs }: ServiceOptions): Promise<Service> {
  const ready = new Map<Replica, boolean>();
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  let connections = 0;
  let isOpen = true;

  function later(ms: number, work: () => void): void {
    if (!isOpen) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  }
  async function probe(replica: Replica): Promise<void> {
    const isReady = await fetch(`${replica.opsOrigin}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    later(lagMs, () => ready.set(replica, isReady));
    later(probeMs, () => void probe(replica));
  }
  const endpoints = (): Replica[] => [...ready].flatMap(([replica, isReady]) => (isReady ? [replica] : []));

  const server = createServer((client) => {
    const list = endpoints();
    const endpoint = list[connections++ % Math.max(1, list.length)];
    // No endpoint: kube-proxy rejects.
    if (endpoint === undefined) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(new URL(endpoint.webhookOrigin).port), '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.resetAndDestroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroySoon();
      });
      socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: async (replica) => {
      ready.set(replica, false);
      void probe(replica);
      while (ready.get(replica) !== true) await sleep(probeMs);
    },
    endpoints,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      isOpen = false;
      for (const timer of timers) clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
