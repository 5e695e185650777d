import { expect, it } from 'vitest';
import { INSTALL_YAML } from '../../tools/installation/manifests.ts';
import { runMain } from './run-main.ts';
import { usePullkeeper } from './stage.ts';

const { cluster, admin, product } = usePullkeeper();

const uninstall = (...args: readonly string[]) => runMain(['uninstall', ...args], { KUBECONFIG: cluster().kubeconfig });

const HEAD =
  'Managed Secrets, and the Pods that refer to them (they go on running, and pull again without a credential):';

it('tells what Pods refer to before it removes anything, refuses while Pullkeeper runs, and then leaves nothing', async () => {
  expect(await uninstall('--yes')).toEqual({ code: 0, stdout: 'There is no managed Secret.\n', stderr: '' });

  await admin.source('harbor', { server: 'harbor.example.com', namespaces: '*' });
  for (const name of ['idle', 'tom']) {
    await admin.namespace(name, 'enabled');
    await admin.expectCredentials(name, { 'harbor.example.com': 'puller:s3cret' });
  }
  await admin.pod('tom', 'web', 'harbor.example.com/web');
  await admin.pod('tom', 'public', 'nginx');
  await admin.run('create', 'secret', 'generic', 'theirs', '-n', 'tom', '--from-literal=a=b');
  const listed = `${HEAD}\n\nidle/pullkeeper: no Pod refers to it\ntom/pullkeeper: 1 Pod: web\n`;

  const running = await uninstall('--yes');
  expect(running).toEqual({
    code: 1,
    stdout: listed,
    stderr: expect.stringMatching(/^Pullkeeper still runs \(.+ holds the Lease\) and would put back what is removed/),
  });

  await product().replica.program.stop('SIGINT');
  expect(await uninstall()).toEqual({
    code: 0,
    stdout: `${listed}\n--yes removes 2 Secrets. Nothing has been changed.\n`,
    stderr: '',
  });
  expect(await admin.credentials('idle')).toBeDefined();

  // Uninstalled together with its rights, it could not give the Lease back.
  await leaveLease(20_000);
  expect((await uninstall()).stderr).toMatch(
    /^Pullkeeper still runs \(gone holds the Lease\).+; if that is done, try again/,
  );
  await leaveLease(31_000);
  expect((await uninstall()).stderr).toBe('');

  await admin.run('delete', '-f', INSTALL_YAML, '--wait=false');
  expect(await uninstall('--yes')).toEqual({ code: 0, stdout: `${listed}\nRemoved 2 Secrets.\n`, stderr: '' });
  expect(await admin.run('get', 'secrets', '-A', '-l', 'pullkeeper.dev/managed=true', '-o', 'name')).toBe('');
  expect(await admin.run('get', 'secret', 'theirs', '-n', 'tom', '-o', 'name')).toBe('secret/theirs');
  expect(await admin.run('get', 'pod', 'web', '-n', 'tom', '-o', 'name')).toBe('pod/web');
});

/** As a replica left it so long ago that holds Leases for 15 s. */
async function leaveLease(msAgo: number): Promise<void> {
  const renewTime = new Date(Date.now() - msAgo).toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: 'gone', leaseDurationSeconds: 15, renewTime };
  const patch = ['--type=merge', '-p', JSON.stringify({ spec })];
  await admin.run('patch', 'lease', 'pullkeeper', '-n', 'pullkeeper-system', ...patch);
}

it('explains wrong flags and a cluster that is not there', async () => {
  expect(await uninstall('--now', 'x')).toEqual({
    code: 2,
    stdout: '',
    stderr: `pullkeeper uninstall: wrong flags
  --now: there is no such flag; --help lists them
  x: uninstall takes flags only
`,
  });
  expect(await uninstall('--kubeconfig', '/no/such/file')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'pullkeeper uninstall: /no/such/file cannot be read as a kubeconfig (ENOENT)\n',
  });
});
