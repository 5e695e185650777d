import { connect } from 'node:net';
import { once } from 'node:events';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { NAMESPACE } from '../../tools/installation/installation.ts';
import { runMain } from './run-main.ts';
import { usePullkeeper } from './stage.ts';

const { cluster, admin, product } = usePullkeeper();

describe('pullkeeper serve', () => {
  it('tells every wrong flag and variable in one message, and exits with 2', async () => {
    const result = await runMain(['serve', '--listen=nowhere', '--tls-cert-file=c'], { PULLKEEPER_LOG_LEVEL: 'loud' });
    expect(result).toEqual({
      code: 2,
      stdout: '',
      stderr: `pullkeeper serve: wrong configuration
  --listen: "nowhere" is not [HOST]:PORT, as :8443, 127.0.0.1:8443 or [::1]:8443
  --tls-key-file: is missing; --tls-cert-file is of no use without it
  --log-level: "loud" is not one of trace, debug, info, warn, error
`,
    });
  });

  it('says what keeps it from starting, and exits with 1', async () => {
    const flags = [
      'serve',
      `--kubeconfig=${product().kubeconfig}`,
      '--tls-cert-file=/no/cert',
      '--tls-key-file=/no/key',
    ];
    const { code, stderr } = await runMain(flags);
    expect(code).toBe(1);
    expect(stderr).toContain('/no/cert');
    const missing = await runMain(['serve', '--kubeconfig=/no/kubeconfig', '--tls-cert-file=c', '--tls-key-file=k']);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('/no/kubeconfig') });
    const { host } = new URL(product().replica.webhookOrigin);
    const taken = [`--listen=${host}`, '--ops-listen=127.0.0.1:0', '--tls-extra-san=127.0.0.1'];
    const inUse = await runMain(['serve', `--kubeconfig=${product().kubeconfig}`, ...taken]);
    expect(inUse).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`EADDRINUSE: address already in use ${host}`),
    });
  });

  it('helps', async () => {
    expect(await runMain(['serve', '--help'])).toMatchObject({ code: 0, stderr: '' });
    expect(await runMain(['nonsense'])).toMatchObject({ code: 2, stdout: '' });
  });

  it('is live, is ready once it is synced, and tells its metrics', async () => {
    const { opsOrigin } = product().replica;
    expect(await (await fetch(`${opsOrigin}/livez`)).text()).toBe('ok\n');
    expect(await (await fetch(`${opsOrigin}/readyz`)).text()).toBe('[+] synced\n[+] certificate\n[+] serving\nready\n');
    await expect.poll(() => product().replica.metric('pullkeeper_leader')).toBe(1);
  });

  it('ends cleanly on SIGINT at once, with connections open, and leaves the Lease to the next', async () => {
    const replica = await product().startReplica();
    const { port } = new URL(replica.webhookOrigin);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    const startedAt = performance.now();
    await replica.program.stop('SIGINT');
    expect(performance.now() - startedAt).toBeLessThan(5000);
    socket.destroy();
    expect((await replica.logs()).at(-1)).toMatchObject({ msg: 'stopped' });
  });

  it('serves on for a while after SIGTERM, not ready, and then ends', async () => {
    const replica = await product().startReplica(['--shutdown-delay=2s']);
    const { pid } = replica.program;
    if (pid === undefined) throw new Error('it does not run');
    process.kill(pid, 'SIGTERM');
    await expect.poll(async () => (await fetch(`${replica.opsOrigin}/readyz`)).status).toBe(503);
    expect(await (await fetch(`${replica.opsOrigin}/readyz`)).text()).toContain('[-] serving');
    await vi.waitFor(async () => expect((await replica.logs()).at(-1)).toMatchObject({ msg: 'stopped' }), {
      timeout: 10_000,
    });
  });
});

describe("Pullkeeper's own account", () => {
  // What could be got at and deleted, if it might.
  beforeAll(() => admin.run('create', 'secret', 'generic', 'other', '-n', 'default'));

  const as = (...args: readonly string[]) => cluster().kubectl(args, { kubeconfig: product().kubeconfig });

  it.each([
    ['get', 'secret', 'other', '-n', 'default'],
    ['get', 'secrets', '-n', 'default'],
    ['get', 'secrets', '-A'],
    ['get', 'secrets', '-A', '--field-selector', 'metadata.name=other'],
    ['create', 'secret', 'generic', 'other', '-n', 'default'],
    ['delete', 'secret', 'other', '-n', 'default'],
    ['create', 'secret', 'generic', 'other', '-n', NAMESPACE],
    ['get', 'pods', '-n', 'default'],
    ['get', 'configmaps', '-A'],
    ['label', 'namespace', 'default', 'x=y'],
  ])('may not: kubectl %s %s %s %s %s %s', async (...args) => {
    const { code, stderr } = await as(...args);
    expect(stderr).toMatch(/forbidden/i);
    expect(code).toBe(1);
  });

  it('may read the managed Secrets of all namespaces, and its sources', async () => {
    expect(await as('get', 'secrets', '-A', '--field-selector', 'metadata.name=pullkeeper')).toMatchObject({ code: 0 });
    expect(await as('get', 'secrets', '-n', NAMESPACE)).toMatchObject({ code: 0 });
  });
});
