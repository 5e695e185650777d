import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDockerConfigFiles } from '../../src/cli/docker-config-files.ts';
import { inject } from '../../src/cli/inject.ts';
import { injectStreams } from '../../src/manifest/injection.ts';
import { expectReferencesOnly } from '../manifest/edit-expectations.ts';
import { parseStream } from '../manifest/parsed-stream.ts';
import { answerDocument } from '../manifest/webhook-answer.ts';

const root = join(import.meta.dirname, '../fixtures/inject');

/**
 * A case is a folder: `input.yaml` (or other files that `args.json` names, `stdin.yaml` for standard input), its own
 * `docker-config.json` or the one beside the folders, and what comes out: `expected.yaml`, none where nothing may be
 * written, and `stderr.txt`, headed by the exit status.
 */
const cases = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The ServiceAccounts of a case that enforce mountable secrets and do not list ours. */
const STRICT_ACCOUNTS: Readonly<Record<string, readonly string[]>> = {
  'service-accounts': ['strict'],
  'strict-default-account': ['default'],
};

function argumentsOf(name: string): readonly string[] {
  const folder = join(root, name);
  const file = join(folder, 'args.json');
  if (existsSync(file)) {
    const args: readonly string[] = JSON.parse(readFileSync(file, 'utf8'));
    return args.map((word) => word.replace('{case}', folder));
  }
  const own = join(folder, 'docker-config.json');
  return [
    '-f',
    join(folder, 'input.yaml'),
    '--docker-config',
    existsSync(own) ? own : join(root, 'docker-config.json'),
  ];
}

async function run(name: string, argv: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const status = await inject({
    argv,
    env: {},
    terminal: { print: (text) => (stdout += text), complain: (text) => (stderr += text) },
    stdin: standardInput(join(root, name, 'stdin.yaml')),
  });
  const withoutFolder = (text: string): string => text.replaceAll(`${root}/${name}/../`, '').replaceAll(`${root}/`, '');
  return { status, stdout, stderr: `exit ${status}\n${withoutFolder(stderr)}` };
}

async function* standardInput(file: string): AsyncGenerator<Uint8Array> {
  const bytes = readFileSync(file);
  // In pieces that cut characters apart.
  for (let at = 0; at < bytes.length; at += 7) yield await Promise.resolve(bytes.subarray(at, at + 7));
}

function valuesOf(argv: readonly string[], flag: string): readonly string[] {
  return argv.flatMap((word, index) => (argv[index - 1] === flag ? [word] : []));
}

describe.each(cases)('%s', (name) => {
  const expectedFile = join(root, name, 'expected.yaml');
  const argv = argumentsOf(name);

  it('writes what is expected', async () => {
    const { stdout, stderr } = await run(name, argv);
    expect(stderr).toBe(readFileSync(join(root, name, 'stderr.txt'), 'utf8'));
    expect(stdout).toBe(existsSync(expectedFile) ? readFileSync(expectedFile, 'utf8') : '');
    // The fixtures' passwords, and the manifests' Secrets.
    expect(stdout + stderr).not.toMatch(/canary|Y2FuYXJ5/);
  });
});

const written = cases.filter((name) => existsSync(join(root, name, 'expected.yaml')));

describe.each(written)('%s', (name) => {
  const argv = argumentsOf(name);

  it("means the input with the webhook's patches, and is it byte for byte", async () => {
    const secretName = valuesOf(argv, '--secret-name').at(-1) ?? 'pullkeeper';
    const { keyring } = await readDockerConfigFiles(valuesOf(argv, '--docker-config'));
    const texts = valuesOf(argv, '-f').map((file) =>
      readFileSync(file === '-' ? join(root, name, 'stdin.yaml') : file, 'utf8'),
    );
    const webhook = {
      secretName,
      find: (image: string) => keyring.find(image),
      strictAccounts: STRICT_ACCOUNTS[name] ?? [],
    };

    const readable = readers.get(name) ?? ((text: string) => text);
    const answered = texts.flatMap((text) => parseStream(readable(text))).map((each) => answerDocument(each, webhook));
    expect(parseStream(readable(readFileSync(join(root, name, 'expected.yaml'), 'utf8'))).filter(isSomething)).toEqual(
      answered.filter(isSomething),
    );

    const result = injectStreams(
      texts.map((text) => ({ name: 'any', text })),
      webhook,
    );
    if (result.kind === 'failed') throw new Error('it was refused');
    for (const [index, stream] of result.streams.entries()) {
      expectReferencesOnly(texts[index] ?? '', stream.text, stream.edits, secretName);
    }
  });
});

/** Between files, documents without content come and go. */
function isSomething(document: unknown): boolean {
  return document !== null;
}

/** What the library cannot read as it stands, made readable without a change of what it means. */
const readers: ReadonlyMap<string, (text: string) => string> = new Map([
  [
    'brackets-less-indented',
    (text: string) =>
      text
        .replaceAll(/\n( *)(?=["{\]}])/g, '\n$1    ')
        .replaceAll(/\n(?=(?:containers|imagePullSecrets): \[)/g, '\n  '),
  ],
  ['quoted-string-less-indented', (text: string) => text.replaceAll(/\n {6}(?!value:)/g, '\n        ')],
]);

it('prints its help', async () => {
  const { status, stdout, stderr } = await run('pod', ['--help']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: 'exit 0\n' });
  expect(stdout).toContain('Usage: pullkeeper inject -f FILE --docker-config FILE [flags]');
  expect(stdout).toContain('PULLKEEPER_SECRET_NAME');
});

it("takes the Secret's name from the environment", async () => {
  let stdout = '';
  const status = await inject({
    argv: argumentsOf('pod'),
    env: { PULLKEEPER_SECRET_NAME: 'from-env' },
    terminal: { print: (text) => (stdout += text), complain: () => undefined },
    stdin: standardInput(''),
  });
  expect(status).toBe(0);
  expect(stdout).toContain('- name: from-env\n');
});
