import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-rules-'));
  await cp(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Lints one file with the project's own rules, as `npm run check` does, and returns the rules that it breaks. */
async function lint(file: string, text: string): Promise<readonly string[]> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  const output = await new Promise<string>((resolve) => {
    execFile(join(ROOT, 'node_modules/.bin/oxlint'), ['--format=json', file], { cwd: folder }, (_error, stdout) =>
      resolve(stdout),
    );
  });
  await rm(path);
  const { diagnostics } = JSON.parse(output) as { diagnostics: { code: string }[] };
  return diagnostics.map(({ code }) => code);
}

describe('the import rules of the layout', () => {
  it.each([
    ['core imports Node', 'src/core/x.ts', "import 'node:fs';\n"],
    ['core imports a package', 'src/core/kubelet/x.ts', "import 'undici';\n"],
    ['core imports a shell folder', 'src/core/pod/x.ts', "import '../../kube/client.ts';\n"],
    ['core imports the composition root', 'src/core/x.ts', "import '../app.ts';\n"],
    ['http imports kube', 'src/http/x.ts', "import '../kube/client.ts';\n"],
    ['kube imports reconcile', 'src/kube/x.ts', "import '../reconcile/queue.ts';\n"],
    ['reconcile imports http', 'src/reconcile/x.ts', "import '../http/server.ts';\n"],
    ['tls imports kube', 'src/tls/x.ts', "import '../kube/client.ts';\n"],
    ['telemetry imports http', 'src/telemetry/x.ts', "import '../http/server.ts';\n"],
    ['a shell folder imports the composition root', 'src/http/x.ts', "import '../app.ts';\n"],
    ['a shell folder imports a file beside it', 'src/kube/x.ts', "import '../listen.ts';\n"],
    ['manifest imports another shell folder', 'src/manifest/x.ts', "import '../kube/client.ts';\n"],
    ['core imports a file beside it', 'src/core/x.ts', "import '../listen.ts';\n"],
    ['a folder of core imports a file beside core', 'src/core/pod/x.ts', "import '../../listen.ts';\n"],
    ['src imports tools', 'src/cli/x.ts', "import '../../tools/cluster/pki.ts';\n"],
    ['src imports test', 'src/app-x.ts', "import '../test/x.ts';\n"],
    ['http imports tools', 'src/http/x.ts', "import '../../tools/cluster/pki.ts';\n"],
  ])('are seen to fail when %s', async (_title, file, text) => {
    expect(await lint(file, text)).toContain('eslint(no-restricted-imports)');
  });

  it.each([
    ['the clock', 'export const now = Date.now();\n', 'eslint(no-restricted-globals)'],
    ['the environment', 'export const home = process.env.HOME;\n', 'eslint(no-restricted-globals)'],
    ['a timer', 'setTimeout(() => {}, 1);\n', 'eslint(no-restricted-globals)'],
    ['randomness', 'export const dice = Math.random();\n', 'eslint(no-restricted-properties)'],
  ])('are seen to fail when core uses %s', async (_title, text, rule) => {
    expect(await lint('src/core/x.ts', text)).toContain(rule);
  });

  it.each([
    ['src/core/x.ts', "import './kubelet/lookup.ts';\n"],
    ['src/core/pod/x.ts', "import '../kubelet/lookup.ts';\nimport '../clock.ts';\nimport './patch.ts';\n"],
    ['src/http/x.ts', "import '../core/kubelet/lookup.ts';\nimport 'node:tls';\nimport 'fastify';\n"],
    ['src/app.ts', "import './kube/client.ts';\nimport './http/server.ts';\n"],
  ])('let pass what the layout allows in %s', async (file, text) => {
    expect(await lint(file, text)).not.toContain('eslint(no-restricted-imports)');
  });
});
