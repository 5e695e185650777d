import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInside } from '../../tools/cluster/enclosure.ts';
import { INSTALL_YAML } from '../../tools/installation/manifests.ts';
import { whilePodsAreCreated } from './pods-created.ts';
import { ACCOUNTS, PASSWORD, type World } from './world.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** The last: it takes Pullkeeper away. */
export function describeUninstall(the: () => World): void {
  describe('uninstalling', () => {
    it('leaves Pods running, and nothing of Pullkeeper’s behind that its notes do not name', async () => {
      const { admin, createPod, expectPullRefused, expectRunning, helm, node, publish } = the();
      const { cluster } = node;
      const app = await publish('registry', 'team/stays:v1');
      const next = await publish('registry', 'team/next:v1');
      await admin.source('stays', { server: node.registry.name, namespaces: 'stays' });
      await admin.namespace('stays', 'enabled');
      await admin.expectCredentials('stays', { [node.registry.name]: `${ACCOUNTS.registry}:${PASSWORD}` });
      await createPod('stays', 'app', `containers: [{name: app, image: "${app}"}]`);
      await expectRunning('stays', 'app');
      const identity = '{.metadata.uid} {.status.containerStatuses[0].restartCount}';
      const identify = (): Promise<string> =>
        admin.run('get', 'pod', 'app', '-n', 'stays', '-o', `jsonpath=${identity}`);
      const before = await identify();
      const told = [MAIN, 'uninstall', `--kubeconfig=${cluster.kubeconfig}`];
      expect(await runInside(cluster.entrance, process.execPath, told)).toContain('stays');

      // As docs/install.md says it, one right after the other: its Pods serve on meanwhile.
      let left: readonly string[] = [];
      const admissions = await whilePodsAreCreated(the(), 'meanwhile', async () => {
        await helm('uninstall', 'pullkeeper', '--namespace', 'pullkeeper-system');
        left = await nameOurs(the());
        await admin.run('delete', 'secrets', '-A', '-l', 'pullkeeper.dev/managed=true');
      });
      expect(admissions.failed).toEqual([]);
      const deleted = admin.run('delete', 'namespace', 'pullkeeper-system', '--timeout=60s');
      expect(left).toEqual([
        'lease.coordination.k8s.io/pullkeeper',
        'namespace/pullkeeper-system',
        'secret/pullkeeper',
        'secret/pullkeeper-tls',
      ]);

      expect(await identify()).toBe(before);
      await expectRunning('stays', 'app');
      await createPod('stays', 'next', `containers: [{name: app, image: "${next}"}]`);
      expect(await admin.pullSecrets('stays', 'next')).toEqual([]);
      await expectPullRefused('stays', 'next');
      await deleted;
      expect(await nameOurs(the())).toEqual([]);
    });
  });

  describe('manifests/install.yaml', () => {
    it('installs the same without helm', async () => {
      const { admin, createPod, expectRunning, node, publish } = the();
      const app = await publish('registry', 'team/plain:v1');
      await admin.run('apply', '-f', INSTALL_YAML);
      await admin.run('rollout', 'status', 'deployment/pullkeeper', '-n', 'pullkeeper-system', '--timeout=60s');
      await admin.source('plain', { server: node.registry.name, namespaces: 'plain' });
      await admin.namespace('plain', 'enabled');
      await createPod('plain', 'app', `containers: [{name: app, image: "${app}"}]`);
      await expectRunning('plain', 'app');
    });
  });
}

/** What ends by itself, some time after what it belongs to. */
const TRANSIENT = /^(?:events|pods|replicasets|endpoints|endpointslices)\b/;

/** Objects of any kind that bear Pullkeeper's name, each kind and name once. */
async function nameOurs({ admin }: World): Promise<readonly string[]> {
  const kinds = (await admin.run('api-resources', '--verbs=list', '-o', 'name')).split('\n');
  const lasting = kinds.filter((kind) => !TRANSIENT.test(kind));
  const names = (await admin.run('get', lasting.join(','), '-A', '-o', 'name')).split('\n');
  return [...new Set(names.filter((name) => name.includes('pullkeeper')))].toSorted();
}
