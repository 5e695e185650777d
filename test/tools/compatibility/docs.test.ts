import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listKubernetesVersions } from '../../../tools/cluster/kubernetes-version.ts';

const PAGE = join(import.meta.dirname, '../../../docs/compatibility.md');

it('docs/compatibility.md tells of a run of each version, to the patch that its module pins', async () => {
  const page = await readFile(PAGE, 'utf8');
  const [, section = ''] = /^## What was run\n([\s\S]*?)^## /m.exec(page) ?? [];
  const told = [...section.matchAll(/^\| (v1\.\d+\.\d+) /gm)].map(([, version]) => version);
  const pinned = (await listKubernetesVersions()).map(({ version }) => version);
  expect([...new Set(told)]).toEqual(pinned);
});
