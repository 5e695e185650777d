import { describe, expect, it, vi } from 'vitest';
import { ACCOUNTS, PASSWORD, type World } from './world.ts';

/** Images that come to a Pod in other ways than its containers, or later than its creation. */
export function describeLaterImages(the: () => World): void {
  describe.concurrent('a private image', () => {
    it('can be an ephemeral container’s, by kubectl debug', async () => {
      const { admin, createPod, expectRunning, node, publish } = the();
      const app = await publish('registry', 'team/debugged:v1');
      const tool = await publish('harbor', 'team/debugger:v1');
      await admin.source('debug-app', { server: node.registry.name, namespaces: 'debug' });
      await admin.source('debug-tool', {
        server: node.harbor.name,
        username: ACCOUNTS.harbor,
        namespaces: 'debug',
      });
      await admin.namespace('debug', 'enabled');
      await createPod('debug', 'app', `containers: [{name: app, image: "${app}"}]`);
      await expectRunning('debug', 'app');
      await admin.run(
        ...['debug', 'app', '-n', 'debug', `--image=${tool}`, '--container=tool', '--profile=general'],
        ...['--attach=false', '--', '/bin/sleep', '600'],
      );
      await vi.waitFor(
        async () => {
          const state = '{.status.ephemeralContainerStatuses[0].state.running.startedAt}';
          expect(await admin.run('get', 'pod', 'app', '-n', 'debug', '-o', `jsonpath=${state}`)).not.toBe('');
        },
        { timeout: 40_000, interval: 200 },
      );
    });

    it('can be a volume', async () => {
      const { admin, createPod, expectRunning, node, publish } = the();
      const app = await publish('registry', 'team/mounts:v1');
      const data = await publish('harbor', 'team/data:v1');
      await admin.source('volume', { server: node.harbor.name, username: ACCOUNTS.harbor, namespaces: 'volume' });
      await admin.source('volume-app', { server: node.registry.name, namespaces: 'volume' });
      await admin.namespace('volume', 'enabled');
      const mounts = 'volumeMounts: [{name: data, mountPath: /data}]';
      const reads = `initContainers: [{name: reads, image: "${app}", command: [/bin/ls, /data/bin/busybox], ${mounts}}]`;
      const volume = `volumes: [{name: data, image: {reference: "${data}"}}]`;
      await createPod('volume', 'app', `${volume}, ${reads}, containers: [{name: app, image: "${app}"}]`);
      await expectRunning('volume', 'app');
    });

    it('can be set later, and its credential come later, where the namespace says always', async () => {
      const { admin, createPod, expectRunning, node, publish } = the();
      const start = `${node.registry.name}/team/start:v1`;
      await node.images.load(await node.images.make(start));
      const app = await publish('registry', 'team/later:v1');
      await admin.namespace('later', 'always');
      await createPod('later', 'app', `containers: [{name: app, image: "${start}"}]`);
      await expectRunning('later', 'app');
      expect(await admin.pullSecrets('later', 'app')).toEqual(['pullkeeper']);
      await admin.source('later', { server: node.registry.name, namespaces: 'later' });
      await admin.expectCredentials('later', { [node.registry.name]: `${ACCOUNTS.registry}:${PASSWORD}` });
      await admin.run('set', 'image', 'pod/app', '-n', 'later', `app=${app}`);
      await vi.waitFor(
        async () => {
          const running = '{.status.containerStatuses[0].image} {.status.containerStatuses[0].ready}';
          expect(await admin.run('get', 'pod', 'app', '-n', 'later', '-o', `jsonpath=${running}`)).toBe(`${app} true`);
        },
        { timeout: 60_000, interval: 200 },
      );
    });

    it('can have its credential from a source of the older type, .dockercfg', async () => {
      const { admin, createPod, expectRunning, node, publish } = the();
      const app = await publish('harbor', 'team/legacy:v1');
      const config = JSON.stringify({
        [node.harbor.name]: { username: ACCOUNTS.harbor, password: PASSWORD, email: '' },
      });
      await admin.apply(
        `{apiVersion: v1, kind: Secret, type: kubernetes.io/dockercfg, metadata: {name: legacy, namespace: pullkeeper-system, annotations: {pullkeeper.dev/namespaces: legacy}}, data: {.dockercfg: ${Buffer.from(config).toString('base64')}}}`,
      );
      await admin.namespace('legacy', 'enabled');
      await createPod('legacy', 'app', `containers: [{name: app, image: "${app}"}]`);
      await expectRunning('legacy', 'app');
    });
  });
}
