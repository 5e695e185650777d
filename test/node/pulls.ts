import { beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNTS, PASSWORD, type World } from './world.ts';

/** Pods whose images need a credential, and whose manifests say nothing of one. */
export function describePulls(the: () => World): void {
  describe.concurrent('a private image', () => {
    let app: string;
    let tool: string;

    beforeAll(async () => {
      const { admin, node, publish } = the();
      [app, tool] = await Promise.all([publish('registry', 'team/app:v1'), publish('harbor', 'team/tool:v1')]);
      await admin.source('registry', { server: node.registry.name, namespaces: 'tom, init, two, always, out' });
      await admin.source('harbor', { server: node.harbor.name, username: ACCOUNTS.harbor, namespaces: 'init, two' });
    });

    it('runs with nothing in its manifest, from a Deployment as well', async () => {
      const { admin, createPod, expectRunning } = the();
      await admin.namespace('tom', 'enabled');
      await createPod('tom', 'app', `containers: [{name: app, image: "${app}"}]`);
      await admin.run('create', 'deployment', 'web', '-n', 'tom', `--image=${app}`, '--replicas=2');
      await expectRunning('tom', 'app');
      expect(await admin.pullSecrets('tom', 'app')).toEqual(['pullkeeper']);
      await admin.run('rollout', 'status', 'deployment/web', '-n', 'tom', '--timeout=40s');
    });

    it('cannot be pulled where the namespace is not enabled', async () => {
      const { admin, createPod, expectPullRefused } = the();
      await admin.namespace('bystander');
      await createPod('bystander', 'app', `containers: [{name: app, image: "${app}"}]`);
      await expectPullRefused('bystander', 'app');
    });

    it('cannot be pulled by a Pod that opted out', async () => {
      const { admin, createPod, expectPullRefused } = the();
      await admin.namespace('out', 'enabled');
      await createPod('out', 'app', `containers: [{name: app, image: "${app}"}]`, 'pullkeeper.dev/inject: disabled');
      await expectPullRefused('out', 'app');
      expect(await admin.pullSecrets('out', 'app')).toEqual([]);
    });

    it('can be an init container’s, while the container’s is from another registry', async () => {
      const { admin, createPod, expectRunning } = the();
      await admin.namespace('init', 'enabled');
      const init = `initContainers: [{name: init, image: "${tool}", command: [/bin/echo, ready]}]`;
      await createPod('init', 'app', `${init}, containers: [{name: app, image: "${app}"}]`);
      await expectRunning('init', 'app');
    });

    it('can come from two registries in one Pod, of which one asks for tokens', async () => {
      const { admin, createPod, expectRunning } = the();
      await admin.namespace('two', 'enabled');
      await createPod('two', 'app', `containers: [{name: app, image: "${app}"}, {name: tool, image: "${tool}"}]`);
      await expectRunning('two', 'app');
      expect(await admin.pullSecrets('two', 'app')).toEqual(['pullkeeper']);
      expect(await admin.credentials('two')).toEqual({
        [the().node.registry.name]: `${ACCOUNTS.registry}:${PASSWORD}`,
        [the().node.harbor.name]: `${ACCOUNTS.harbor}:${PASSWORD}`,
      });
    });
  });
}
