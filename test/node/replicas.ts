import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { pullkeeperImageName } from '../../tools/image/cached-image.ts';
import { RELEASE } from '../../tools/installation/on-node.ts';
import { makeNewerImage } from './newer-image.ts';
import { whilePodsAreCreated } from './pods-created.ts';
import type { World } from './world.ts';

const NAMESPACE = ['-n', 'pullkeeper-system'] as const;
const DEPLOYMENT = ['deployment/pullkeeper', ...NAMESPACE] as const;
const OWN = ['-l', 'app.kubernetes.io/name=pullkeeper', ...NAMESPACE] as const;

/** Our own Pods, from our own image. */
export function describeReplicas(the: () => World): void {
  describe('Pullkeeper’s own Pods', () => {
    async function own(path: string): Promise<readonly string[]> {
      return (await the().admin.run('get', 'pods', ...OWN, '-o', `jsonpath={.items[*]${path}}`)).split(' ');
    }
    /** They serve on for a while after they were told to end. */
    async function untilGone(pods: readonly string[]): Promise<void> {
      await the().admin.run('wait', '--for=delete', ...pods.map((pod) => `pod/${pod}`), ...NAMESPACE, '--timeout=60s');
    }

    let newer: { readonly tag: string; readonly archive: string };

    beforeAll(async () => {
      const { node } = the();
      const name = `${await pullkeeperImageName()}-newer`;
      const archive = await makeNewerImage(inject('pullkeeperImage'), node.cluster.folder, name);
      await node.images.load(archive);
      newer = { tag: name.slice(name.indexOf(':') + 1), archive };
    });

    it('are two, without a root user, a shell or a place to write', async () => {
      const { admin, node } = the();
      expect(await own('.status.containerStatuses[0].ready')).toEqual(['true', 'true']);
      const inside = ['exec', ...DEPLOYMENT, '--', '/pullkeeper/node', '-p'];
      expect(await admin.run(...inside, 'process.getuid()')).toBe('65532');
      const shell = await node.cluster.kubectl(['exec', ...DEPLOYMENT, '--', '/bin/sh', '-c', 'true']);
      expect(shell.stderr).toContain('no such file or directory');
      const write = await node.cluster.kubectl([...inside, 'fs.writeFileSync("/tmp/x", "")']);
      expect(write.stderr).toMatch(/EROFS|ENOENT/);
    });

    it('are upgraded while Pods are created: none is without its reference', async () => {
      const { helm } = the();
      const before = [await own('.metadata.name'), await own('.status.containerStatuses[0].imageID')] as const;
      await whilePodsAreCreated(the(), 'upgrade', async () => {
        await helm('upgrade', ...RELEASE, `--set=image.tag=${newer.tag}`, '--wait', '--timeout=90s');
        await untilGone(before[0]);
      });
      const images = await own('.status.containerStatuses[0].imageID');
      expect(images).toHaveLength(2);
      expect(images).not.toContain(before[1][0]);
    });

    it('are not drained at once where they can go nowhere: one stays, and no Pod is without its reference', async () => {
      const { admin, node } = the();
      const drain = ['drain', 'node-1', `--pod-selector=${OWN[1]}`, '--timeout=5s'];
      onTestFinished(async () => void (await admin.run('uncordon', 'node-1')));
      await whilePodsAreCreated(the(), 'drain', async () => {
        const { code, stderr } = await node.cluster.kubectl(drain);
        expect(code).not.toBe(0);
        expect(stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget");
        expect(await own('.status.phase')).toContain('Running');
        await admin.run('uncordon', 'node-1');
        await admin.run('rollout', 'status', ...DEPLOYMENT, '--timeout=60s');
      });
    });

    it('move to another node when theirs is drained: no Pod is without its reference', async () => {
      const { admin, node } = the();
      const load = await node.addNode();
      // The older one too, for whoever installs it later.
      for (const archive of [newer.archive, inject('pullkeeperImage')]) await load(archive);
      const pods = await own('.metadata.name');
      await whilePodsAreCreated(the(), 'move', async () => {
        await admin.run('drain', 'node-1', `--pod-selector=${OWN[1]}`, '--timeout=80s');
        await untilGone(pods);
      });
      await admin.run('rollout', 'status', ...DEPLOYMENT, '--timeout=60s');
      expect(await own('.spec.nodeName')).toEqual(['node-2', 'node-2']);
      await admin.run('uncordon', 'node-1');
    });
  });
}
