import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

async function untilSaid(stream: Readable, words: string): Promise<void> {
  let said = '';
  while (!said.includes(words)) {
    const [chunk] = await once(stream, 'data');
    said += String(chunk);
  }
}

it('hands over all of a large output to a reader that is slow', async () => {
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - image: quay.io/acme/web\n';
  const filler = `---\n${'# a line that makes it longer than a pipe holds\n'.repeat(10_000)}`;
  const child = spawn(
    process.execPath,
    [
      join(root, 'src/main.ts'),
      'inject',
      '-f',
      '-',
      '--docker-config',
      join(root, 'test/fixtures/inject/docker-config.json'),
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const exit = once(child, 'exit');
  child.stdin.end(pod + filler);
  // The command's last word: nothing of the output was read before it.
  await untilSaid(child.stderr, '1 of 1 Pod template injected\n');
  expect(await text(child.stdout)).toBe(
    pod.replace('  containers:', '  imagePullSecrets:\n  - name: pullkeeper\n  containers:') + filler,
  );
  expect(await exit).toEqual([0, null]);
}, 30_000);
