import type { Config } from './config.ts';

/** What listens, as Fastify does: rejects with an error that bears the system's code, and may then be asked again. */
export interface Listener {
  listen(options: { readonly host: string; readonly port: number }): Promise<unknown>;
}

/**
 * Listens at an address. Without a host: at every one, IPv4 and IPv6; on a node whose kernel was started without IPv6
 * (`ipv6.disable=1`, as hardening guides ask for), at every one of IPv4. Rejects when it cannot listen.
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
