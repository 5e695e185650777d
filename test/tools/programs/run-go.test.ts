import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runGo } from '../../../tools/programs/run-go.ts';

test('a build leaves the processors to whatever else wants them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pk-run-go-'));
  const lowered = '#!/bin/sh\nuntil [ "$(nice)" = 5 ]; do sleep 0.01; done\n';
  await writeFile(join(folder, 'go'), lowered, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
  expect(await runGo({ args: [], cwd: folder, env })).toEqual({ code: 0, stdout: '', stderr: '' });
  await rm(folder, { recursive: true });
});
