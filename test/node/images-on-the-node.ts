import { describe, expect, it, vi } from 'vitest';
import type { World } from './world.ts';

/** Images that the node has already, and what the kubelet checks of them (since Kubernetes 1.35). */
export function describeImagesOnTheNode(the: () => World): void {
  describe.concurrent('an image that is on the node', () => {
    it('because it was loaded by hand runs without a credential, pulled never or if not present', async () => {
      const { admin, createPod, expectRunning, node } = the();
      const image = `${node.registry.name}/team/loaded:v1`;
      await node.images.load(await node.images.make(image));
      await admin.namespace('loaded');
      const container = (policy: string): string =>
        `containers: [{name: app, image: "${image}", imagePullPolicy: ${policy}}]`;
      await createPod('loaded', 'never', container('Never'));
      await createPod('loaded', 'if-not-present', container('IfNotPresent'));
      await expectRunning('loaded', 'never');
      await expectRunning('loaded', 'if-not-present');
    });

    it('because another namespace’s Pod pulled it runs only where a credential is', async () => {
      const { admin, createPod, expectPullRefused, expectRunning, node, publish } = the();
      const image = await publish('registry', 'team/pulled:v1');
      const container = (policy: string): string =>
        `containers: [{name: app, image: "${image}", imagePullPolicy: ${policy}}]`;
      await admin.source('pulled', { server: node.registry.name, namespaces: 'pulled-*' });
      for (const name of ['pulled-first', 'pulled-second']) {
        await admin.namespace(name, 'enabled');
        await createPod(name, 'app', container('IfNotPresent'));
        await expectRunning(name, 'app');
      }
      await createPod('pulled-second', 'never', container('Never'));
      await expectRunning('pulled-second', 'never');

      await admin.namespace('pulled-not-enabled');
      await createPod('pulled-not-enabled', 'app', container('IfNotPresent'));
      await expectPullRefused('pulled-not-enabled', 'app');
      await createPod('pulled-not-enabled', 'never', container('Never'));
      await vi.waitFor(
        async () => {
          const reason = '{.status.containerStatuses[0].state.waiting.reason}';
          const get = ['get', 'pod', 'never', '-n', 'pulled-not-enabled', '-o', `jsonpath=${reason}`];
          expect(await admin.run(...get)).toBe('ErrImageNeverPull');
        },
        { timeout: 40_000, interval: 200 },
      );
    });
  });
}
