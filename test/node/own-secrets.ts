import { describe, expect, it } from 'vitest';
import { ACCOUNTS, PASSWORD, type World } from './world.ts';

/** Pods that name pull Secrets of their own keep them, first in the list. */
export function describeOwnSecrets(the: () => World): void {
  describe.concurrent('a Pod that brings its own pull Secret', () => {
    async function createPullSecret(namespace: string, name: string, server: string, username: string): Promise<void> {
      await the().admin.run(
        ...['create', 'secret', 'docker-registry', name, '-n', namespace, `--docker-server=${server}`],
        ...[`--docker-username=${username}`, `--docker-password=${PASSWORD}`],
      );
    }

    it('still uses it for Docker Hub, where Pullkeeper’s is a wrong one', async () => {
      const { admin, createPod, expectPullRefused, expectRunning, publish } = the();
      await publish('registry', 'team/hub:v1');
      const hub = 'https://index.docker.io/v1/';
      await admin.source('hub', { server: hub, password: 'wrong', namespaces: 'hub' });
      await admin.namespace('hub', 'enabled');
      await createPullSecret('hub', 'mine', hub, ACCOUNTS.registry);
      const container = 'containers: [{name: app, image: "team/hub:v1", imagePullPolicy: Always}]';
      await createPod('hub', 'brings', `imagePullSecrets: [{name: mine}], ${container}`);
      await createPod('hub', 'relies', container);
      await expectRunning('hub', 'brings');
      expect(await admin.pullSecrets('hub', 'brings')).toEqual(['mine', 'pullkeeper']);
      await expectPullRefused('hub', 'relies');
    });

    it('may have it from its ServiceAccount, and gets ours for the other registry', async () => {
      const { admin, createPod, expectRunning, node, publish } = the();
      const app = await publish('registry', 'team/account-app:v1');
      const tool = await publish('harbor', 'team/account-tool:v1');
      await admin.source('account', { server: node.registry.name, namespaces: 'account' });
      await admin.namespace('account', 'enabled');
      await createPullSecret('account', 'mine', node.harbor.name, ACCOUNTS.harbor);
      await admin.apply(
        '{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot, namespace: account}, imagePullSecrets: [{name: mine}]}',
      );
      const containers = `containers: [{name: app, image: "${app}"}, {name: tool, image: "${tool}"}]`;
      await createPod('account', 'app', `serviceAccountName: robot, ${containers}`);
      await expectRunning('account', 'app');
      expect(await admin.pullSecrets('account', 'app')).toEqual(['mine', 'pullkeeper']);
    });
  });
}
