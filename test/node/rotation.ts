import { describe, expect, it } from 'vitest';
import { ACCOUNTS, PASSWORD, type World } from './world.ts';

/** A password changed at the registry and in the source: nothing else is touched. */
export function describeRotation(the: () => World): void {
  describe.concurrent('a credential that is rotated', () => {
    it('serves the next pull, also of a Pod that was refused meanwhile, and restarts nothing', async () => {
      const { admin, node, createPod, expectPullRefused, expectRunning, publish } = the();
      const setPassword = (password: string): Promise<void> =>
        node.registry.setAccounts({ [ACCOUNTS.registry]: PASSWORD, rotating: password });
      const container = (image: string): string => `containers: [{name: app, image: "${image}"}]`;
      const key = `${node.registry.name}/rotating`;
      await setPassword('old');
      const before = await publish('registry', 'rotating/before:v1');
      const meanwhile = await publish('registry', 'rotating/meanwhile:v1');
      const after = await publish('registry', 'rotating/after:v1');
      await admin.source('rotating', { server: key, username: 'rotating', password: 'old', namespaces: 'rotates' });
      await admin.namespace('rotates', 'enabled');
      await admin.expectCredentials('rotates', { [key]: 'rotating:old' });
      await createPod('rotates', 'before', container(before));
      await expectRunning('rotates', 'before');
      const identity = '{.metadata.uid} {.status.containerStatuses[0].restartCount}';
      const identify = (): Promise<string> =>
        admin.run('get', 'pod', 'before', '-n', 'rotates', '-o', `jsonpath=${identity}`);
      const first = await identify();

      await setPassword('new');
      await createPod('rotates', 'meanwhile', container(meanwhile));
      await expectPullRefused('rotates', 'meanwhile');
      const config = JSON.stringify({ auths: { [key]: { username: 'rotating', password: 'new' } } });
      await admin.run(
        ...['patch', 'secret', 'rotating', '-n', 'pullkeeper-system'],
        ...['-p', JSON.stringify({ stringData: { '.dockerconfigjson': config } })],
      );
      await admin.expectCredentials('rotates', { [key]: 'rotating:new' });
      await createPod('rotates', 'after', container(after));
      await expectRunning('rotates', 'after');
      await expectRunning('rotates', 'meanwhile');
      expect(await identify()).toBe(first);
    });
  });
}
