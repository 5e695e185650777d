import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { explain } from '../../src/cli/explain.ts';
import { createMemoryApi } from './memory-api.ts';

// Each folder is one case: case.yaml (title, args, what the caller may not read), objects.yaml (all that the API server
// holds; without it there is no cluster), other files that args name, and what comes out. `vitest -u` writes the outputs
// anew: read the difference before you commit it.

const folder = join(import.meta.dirname, '../fixtures/explain/cases');

interface Case {
  readonly title: string;
  readonly args: readonly string[];
  readonly forbidden?: readonly string[];
  readonly stdin?: string;
  readonly status: number;
}

async function run(name: string, test: Case, args: readonly string[]): Promise<{ status: number; output: string }> {
  const objects = join(folder, name, 'objects.yaml');
  const output: string[] = [];
  const status = await explain({
    argv: args.map((arg) => arg.replace('DIR/', `test/fixtures/explain/cases/${name}/`)),
    env: {},
    terminal: {
      print: (text) => void output.push(text),
      complain: (text) => void output.push(text.replaceAll(/^/gm, '! ').replace(/! $/, '')),
    },
    stdin: (async function* () {
      yield await Promise.resolve(Buffer.from(test.stdin ?? ''));
    })(),
    connect: () => {
      if (!existsSync(objects)) return Promise.reject(new Error('there is no kubeconfig'));
      const documents = parseAllDocuments(readFileSync(objects, 'utf8')).map((document): unknown => document.toJS());
      const call = createMemoryApi(documents, test.forbidden ?? []);
      return Promise.resolve({ call, namespace: namespaceOf(args), close: () => Promise.resolve() });
    },
  });
  return { status, output: output.join('') };
}

function namespaceOf(args: readonly string[]): string {
  const at = args.indexOf('-n');
  return at < 0 ? 'default' : (args[at + 1] ?? '');
}

describe('explain', () => {
  for (const name of readdirSync(folder)) {
    const test = parse(readFileSync(join(folder, name, 'case.yaml'), 'utf8')) as Case;

    it(`${name}: ${test.title}`, async () => {
      const text = await run(name, test, test.args);
      await expect(text.output).toMatchFileSnapshot(join(folder, name, 'expected.txt'));
      const json = await run(name, test, [...test.args, '-o', 'json']);
      await expect(json.output).toMatchFileSnapshot(join(folder, name, 'expected.json'));
      expect([text.status, json.status]).toEqual([test.status, test.status]);
      // Every credential of the cases is made of this word; base64 has three forms of it.
      const forms = ['canary', 'Y2FuYXJ5', 'NhbmFye', 'jYW5hcn'];
      for (const form of forms) expect(text.output + json.output).not.toContain(form);
    });
  }

  it('has cases', () => expect(readdirSync(folder).length).toBeGreaterThan(15));
});
