import { describe, expect, it } from 'vitest';
import { listenAt } from '../src/listen.ts';

/** Listens at none of these hosts, for this reason. */
function listenerWithout(hosts: readonly string[], code: string) {
  const asked: { readonly host: string; readonly port: number }[] = [];
  return {
    asked,
    listen: async (options: { readonly host: string; readonly port: number }) => {
      asked.push(options);
      if (hosts.includes(options.host)) throw Object.assign(new Error('listen'), { code });
    },
  };
}

describe('without a host', () => {
  it('is listened at every address', async () => {
    const listener = listenerWithout([], '');
    await listenAt(listener, { host: undefined, port: 8443 });
    expect(listener.asked).toEqual([{ host: '::', port: 8443 }]);
  });

  it('is listened at every address of IPv4, where the kernel knows no IPv6', async () => {
    const listener = listenerWithout(['::'], 'EAFNOSUPPORT');
    await listenAt(listener, { host: undefined, port: 8443 });
    expect(listener.asked).toEqual([
      { host: '::', port: 8443 },
      { host: '0.0.0.0', port: 8443 },
    ]);
  });

  it('is not tried again for any other reason', async () => {
    const listener = listenerWithout(['::'], 'EADDRINUSE');
    await expect(listenAt(listener, { host: undefined, port: 8443 })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(listener.asked).toHaveLength(1);
  });
});

describe('with a host', () => {
  it('is listened there and nowhere else', async () => {
    const listener = listenerWithout(['::1'], 'EAFNOSUPPORT');
    await expect(listenAt(listener, { host: '::1', port: 8443 })).rejects.toMatchObject({ code: 'EAFNOSUPPORT' });
    expect(listener.asked).toEqual([{ host: '::1', port: 8443 }]);
  });
});
