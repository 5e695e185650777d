import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { pullkeeperImageName } from '../../tools/image/cached-image.ts';
import { RELEASE } from '../../tools/installation/node-installation.ts';
import { makeNewerImage } from './newer-image.ts';
import { ALL_REFERENCED, whilePodsAreCreated } from './pods-created.ts';
import { ACCOUNTS, PASSWORD, type World } from './world.ts';

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

    let newer: string;

    beforeAll(async () => {
      const { node } = the();
      newer = `${await pullkeeperImageName()}-newer`;
      await node.registry.push(await makeNewerImage(inject('pullkeeperImage'), node.cluster.folder, newer), newer);
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

    it('are upgraded from a private registry while Pods are created: none is without its reference', async () => {
      const { admin, helm, node } = the();
      // As docs/install.md says: what Pullkeeper's own image is pulled with, it cannot give to itself.
      await admin.run(
        ...['create', 'secret', 'docker-registry', 'own', ...NAMESPACE, `--docker-server=${node.registry.name}`],
        ...[`--docker-username=${ACCOUNTS.registry}`, `--docker-password=${PASSWORD}`],
      );
      const [repository, tag] = newer.split(':');
      const image = [
        ...['--set', `image.repository=${node.registry.name}/${repository}`, '--set', `image.tag=${tag}`],
        ...['--set', 'image.pullSecrets={own}'],
      ];
      const pods = await own('.metadata.name');
      const admissions = await whilePodsAreCreated(the(), 'upgrade', async () => {
        await helm('upgrade', ...RELEASE, ...image, '--wait', '--timeout=90s');
        await untilGone(pods);
      });
      expect(admissions).toMatchObject(ALL_REFERENCED);
      const pulled = `${node.registry.name}/${newer}`;
      expect(await own('.status.containerStatuses[0].image')).toEqual([pulled, pulled]);
    });

    it('are not drained at once where they can go nowhere: one stays, and no Pod is without its reference', async () => {
      const { admin, node } = the();
      const drain = ['drain', 'node-1', `--pod-selector=${OWN[1]}`, '--timeout=5s'];
      onTestFinished(async () => void (await admin.run('uncordon', 'node-1')));
      const admissions = await whilePodsAreCreated(the(), 'drain', async () => {
        const { code, stderr } = await node.cluster.kubectl(drain);
        expect(code).not.toBe(0);
        expect(stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget");
        expect(await own('.status.phase')).toContain('Running');
        await admin.run('uncordon', 'node-1');
        await admin.run('rollout', 'status', ...DEPLOYMENT, '--timeout=60s');
      });
      expect(admissions).toMatchObject(ALL_REFERENCED);
    });

    it('move to another node when theirs is drained: no Pod is without its reference', async () => {
      const { admin, node } = the();
      const load = await node.addNode();
      // Not the one that runs now, which it pulls: the one that manifests/install.yaml names.
      await load(inject('pullkeeperImage'));
      const pods = await own('.metadata.name');
      const admissions = await whilePodsAreCreated(the(), 'move', async () => {
        await admin.run('drain', 'node-1', `--pod-selector=${OWN[1]}`, '--timeout=80s');
        await untilGone(pods);
      });
      expect(admissions).toMatchObject(ALL_REFERENCED);
      await admin.run('rollout', 'status', ...DEPLOYMENT, '--timeout=60s');
      expect(await own('.spec.nodeName')).toEqual(['node-2', 'node-2']);
      await admin.run('uncordon', 'node-1');
    });
  });
}
