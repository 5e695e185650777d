import type { Config } from './config.ts';

/** A server, such as Fastify's: its error carries the system's code, and after one it may be asked to listen again. */
export interface Listener {
  listen(options: { readonly host: string; readonly port: number }): Promise<unknown>;
}

/**
 * Listens at an address. Without a host: at every address, IPv4 and IPv6, or at every IPv4 address on a node whose kernel was
 * started without IPv6 (`ipv6.disable=1`, as hardening guides ask for). Rejects when it cannot listen.
 */
export async function listenAt(listener: Listener, { host, port }: Config['listen']): Promise<void> {
  try {
    await listener.listen({ host: host ?? '::', port });
  } catch (error) {
    if (host !== undefined || !isWithoutIpv6(error)) throw error;
    await listener.listen({ host: '0.0.0.0', port });
  }
}

function isWithoutIpv6(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT';
}
