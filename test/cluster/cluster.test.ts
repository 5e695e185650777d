import { connect } from 'node:tls';
import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { callApi } from '../../tools/cluster/api-client.ts';
import { selectKubernetes } from '../../tools/cluster/kubernetes-version.ts';
import { startCluster } from '../../tools/cluster/start-cluster.ts';
import { useCluster } from './stage.ts';

const { cluster } = useCluster();

async function kubectl(args: string, input?: string): Promise<string> {
  const { stdout, stderr, code } = await cluster().kubectl(args.split(' '), input === undefined ? {} : { input });
  expect({ args, stderr, code }).toEqual({ args, stderr: '', code: 0 });
  return stdout;
}

describe('a started cluster', () => {
  test('is the version that is selected', async () => {
    const { version: gitVersion, minor } = await selectKubernetes(process.env);
    const selected = { gitVersion, minor: minor.slice('1.'.length) };
    const version = JSON.parse(await kubectl('version -o json')) as Record<
      string,
      { gitVersion: string; minor: string }
    >;
    expect(version['serverVersion']).toMatchObject(selected);
    expect(version['clientVersion']).toMatchObject(selected);
  });

  test('gives every new namespace its ServiceAccount and the CA', async () => {
    await kubectl('create namespace fresh');
    // `kubectl wait --for=create` came with kubectl 1.31.
    const ca = await vi.waitFor(async () => {
      await kubectl('get -n fresh serviceaccount default');
      return kubectl('get -n fresh configmap kube-root-ca.crt -o jsonpath={.data.ca\\.crt}');
    }, 20_000);
    expect(ca.trim()).toBe(cluster().caPem.trim());
  });

  test('makes the Pods of a Deployment', async () => {
    await kubectl('create deployment web --image=registry.example/web:1 --replicas=2');
    await kubectl('wait --for=jsonpath={.status.replicas}=2 --timeout=20s deployment/web');
    const pods = await kubectl('get pods -l app=web -o jsonpath={range.items[*]}{.status.phase},{end}');
    expect(pods).toBe('Pending,Pending,');
  });

  test('takes objects on standard input, and reports what fails', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'from-input' }, stringData: { a: 'b' } };
    expect(await kubectl('apply -f -', JSON.stringify(secret))).toBe('secret/from-input created\n');
    expect(await cluster().kubectl(['get', 'secret', 'absent'])).toEqual({
      stdout: '',
      stderr: 'Error from server (NotFound): secrets "absent" not found\n',
      code: 1,
    });
  });

  test('is verified by its CA, and by no other', async () => {
    const { hostname, port } = new URL(cluster().server);
    const trusted = connect({ host: hostname, port: Number(port), ca: cluster().caPem });
    await once(trusted, 'secureConnect');
    expect(trusted.getPeerCertificate().subjectaltname).toBe(
      'DNS:localhost, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, ' +
        'DNS:kubernetes.default.svc.cluster.local, IP Address:127.0.0.1, IP Address:10.0.0.1',
    );
    trusted.destroy();
    const untrusting = connect({ host: hostname, port: Number(port) });
    await expect(once(untrusting, 'secureConnect')).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  test('knows nobody without a token', async () => {
    const { status } = await callApi({ ...cluster().admin, token: 'wrong' }, '/api/v1/namespaces');
    expect(status).toBe(401);
  });

  test('gives a ServiceAccount a kubeconfig with its own rights', async () => {
    await kubectl('create serviceaccount reader');
    const kubeconfig = await cluster().kubeconfigFor('reader', 'default');
    const whoami = await cluster().kubectl(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'], {
      kubeconfig,
    });
    expect(whoami).toEqual({ stdout: 'system:serviceaccount:default:reader', stderr: '', code: 0 });
    const secrets = await cluster().kubectl(['get', 'secrets'], { kubeconfig });
    expect(secrets.code).toBe(1);
    expect(secrets.stderr).toContain('User "system:serviceaccount:default:reader" cannot list resource "secrets"');
    await expect(cluster().kubeconfigFor('absent', 'default')).rejects.toThrow(
      /^no token for ServiceAccount default\/absent: 404 /,
    );
  });

  test('runs beside another one', async () => {
    await using other = await startCluster();
    expect(other.server).not.toBe(cluster().server);
    expect(other.folder).not.toBe(cluster().folder);
    await kubectl('create namespace only-here');
    const there = await other.kubectl(['get', 'namespace', 'only-here']);
    expect(there.stderr).toBe('Error from server (NotFound): namespaces "only-here" not found\n');
    // Each has an identity of its own: the token and the CA of one say nothing to the other.
    expect((await callApi({ ...other.admin, token: cluster().admin.token }, '/api/v1/namespaces')).status).toBe(401);
    await expect(callApi({ ...other.admin, caPem: cluster().caPem }, '/readyz')).rejects.toThrow(/signature|verify/);
  });

  test('takes further flags of the API server', async () => {
    await using strict = await startCluster({ apiServerFlags: ['--anonymous-auth=false'] });
    expect((await callApi({ ...cluster().admin, token: '' }, '/version')).status).toBe(200);
    expect((await callApi({ ...strict.admin, token: '' }, '/version')).status).toBe(401);
  });
});
