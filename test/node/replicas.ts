import { describe, expect, it, vi } from 'vitest';
import type { World } from './world.ts';

/** Our own Pods, from our own image. */
export function describeReplicas(the: () => World): void {
  describe('Pullkeeper’s own Pods', () => {
    const deployment = ['deployment/pullkeeper', '-n', 'pullkeeper-system'] as const;

    it('run in twos, without a root user, a shell or a place to write', async () => {
      const { admin, node } = the();
      await admin.run('scale', ...deployment, '--replicas=2');
      await admin.run('rollout', 'status', ...deployment, '--timeout=60s');
      const inside = ['exec', ...deployment, '--', '/pullkeeper/node', '-p'];
      expect(await admin.run(...inside, 'process.getuid()')).toBe('65532');
      const shell = await node.cluster.kubectl(['exec', ...deployment, '--', '/bin/sh', '-c', 'true']);
      expect(shell.stderr).toContain('no such file or directory');
      const write = await node.cluster.kubectl([...inside, 'fs.writeFileSync("/tmp/x", "")']);
      expect(write.stderr).toMatch(/EROFS|ENOENT/);
    });

    it('are replaced by a rolling restart while Pods are created: none is without its reference', async () => {
      const { admin } = the();
      await admin.namespace('restart', 'always');
      await admin.expectCredentials('restart', {});
      const old = (await admin.run('get', 'pods', '-n', 'pullkeeper-system', '-o', 'name')).split('\n');
      const over = new AbortController();
      async function restart(): Promise<void> {
        try {
          await admin.run('rollout', 'restart', ...deployment);
          await admin.run('rollout', 'status', ...deployment, '--timeout=80s');
          // They serve on for a while after they were told to end.
          await admin.run('wait', '--for=delete', ...old, '-n', 'pullkeeper-system', '--timeout=60s');
        } finally {
          over.abort();
        }
      }
      const restarted = restart();
      let created = 0;
      // Nowhere to run: what counts is their admission. Ten at a time, one after the other, as one client does.
      while (!over.signal.aborted) {
        const pods = Array.from({ length: 10 }, () => unschedulable(`pod-${(created += 1)}`));
        await admin.apply(pods.join('---\n'));
      }
      await restarted;
      const get = ['get', 'pods', '-n', 'restart', '-o'];
      const lists = await admin.run(...get, 'jsonpath={range .items[*]}{.spec.imagePullSecrets[*].name}{"\\n"}{end}');
      expect(lists.split('\n')).toEqual(Array.from({ length: created }, () => 'pullkeeper'));
      await admin.run('delete', 'namespace', 'restart', '--wait=false');
      await vi.waitFor(async () => expect(await admin.run('get', 'pods', '-n', 'restart', '-o', 'name')).toBe(''), {
        timeout: 30_000,
        interval: 200,
      });
    });
  });
}

function unschedulable(name: string): string {
  return `{apiVersion: v1, kind: Pod, metadata: {namespace: restart, name: ${name}}, spec: {nodeSelector: {no: node}, containers: [{name: app, image: app}]}}\n`;
}
