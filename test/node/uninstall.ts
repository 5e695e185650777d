import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInside } from '../../tools/cluster/enclosure.ts';
import { INSTALL_YAML } from '../../tools/installation/manifests.ts';
import { ACCOUNTS, PASSWORD, type World } from './world.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** The last: it takes Pullkeeper away. */
export function describeUninstall(the: () => World): void {
  describe('uninstalling, as docs/operations.md says it', () => {
    it('leaves Pods running, and nothing of Pullkeeper’s behind', async () => {
      const { admin, createPod, expectPullRefused, expectRunning, node, publish } = the();
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

      const uninstall = (...flags: string[]): Promise<string> =>
        runInside(cluster.entrance, process.execPath, [
          MAIN,
          'uninstall',
          `--kubeconfig=${cluster.kubeconfig}`,
          ...flags,
        ]);
      expect(await uninstall()).toContain('stays');
      await admin.run('delete', '-f', INSTALL_YAML);
      await uninstall('--yes');

      const kinds = [
        'namespaces,secrets,serviceaccounts,services,deployments,leases,roles,rolebindings,clusterroles',
        'clusterrolebindings,mutatingwebhookconfigurations,validatingwebhookconfigurations',
        'validatingadmissionpolicies,validatingadmissionpolicybindings,flowschemas,prioritylevelconfigurations',
      ].join(',');
      const all = await admin.run('get', kinds, '-A', '-o', 'name');
      expect(all.split('\n').filter((name) => name.includes('pullkeeper'))).toEqual([]);
      expect(await admin.run('get', 'secrets', '-A', '-l', 'pullkeeper.dev/managed', '-o', 'name')).toBe('');

      expect(await identify()).toBe(before);
      await expectRunning('stays', 'app');
      await createPod('stays', 'next', `containers: [{name: app, image: "${next}"}]`);
      expect(await admin.pullSecrets('stays', 'next')).toEqual([]);
      await expectPullRefused('stays', 'next');
    });
  });
}
