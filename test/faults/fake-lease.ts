import type { ProxiedRequest, Verdict } from './api-proxy.ts';

/** A Lease of a process's own: whoever asks through this proxy gets it, whoever else leads. All else is forwarded. */
export function fakeLease(): (request: ProxiedRequest) => Verdict {
  let stored: Record<string, unknown> | undefined;
  let version = 0;

  return ({ method, path, body }) => {
    if (!path.includes('/leases')) return 'forward';
    if (method === 'GET') {
      if (stored !== undefined) return { status: 200, body: JSON.stringify(stored) };
      return { status: 404, body: JSON.stringify({ kind: 'Status', code: 404, reason: 'NotFound', message: 'none' }) };
    }
    version += 1;
    const sent = JSON.parse(body) as { metadata: Record<string, unknown> };
    stored = { ...sent, metadata: { ...sent.metadata, uid: 'fake', resourceVersion: String(version) } };
    return { status: 200, body: JSON.stringify(stored) };
  };
}
