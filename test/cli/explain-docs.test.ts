import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

// docs/explain.md shows golden cases (explain-cases.test.ts) and nothing else.

const root = join(import.meta.dirname, '../..');
const cases = join(root, 'test/fixtures/explain/cases');
const docs = readFileSync(join(root, 'docs/explain.md'), 'utf8');

const outputs = readdirSync(cases).map((name) => {
  const { args } = parse(readFileSync(join(cases, name, 'case.yaml'), 'utf8')) as { args: readonly string[] };
  return {
    command: `pullkeeper explain ${args.join(' ').replaceAll('DIR/', '')}`,
    text: readFileSync(join(cases, name, 'expected.txt'), 'utf8'),
    json: readFileSync(join(cases, name, 'expected.json'), 'utf8'),
  };
});

describe('docs/explain.md', () => {
  const blocks = [...docs.matchAll(/^```console\n\$ (.*)\n([^]*?)```$/gm)].map(([, command = '', output = '']) => ({
    command,
    output,
  }));

  it('has examples', () => expect(blocks.length).toBeGreaterThan(4));

  it.each(blocks)('$command is a golden case, and its output that', ({ command, output }) => {
    const same = outputs.filter((each) => each.command === command);
    expect(same.map(({ text }) => text)).toContain(output === '' ? same[0]?.text : output);
  });

  it('names every code', () => {
    const lines = outputs.flatMap(({ json }) => [...json.matchAll(/"code": "([a-z-]+)"/g)]);
    const near = readdirSync(join(cases, '../near')).flatMap((file) => [
      ...readFileSync(join(cases, '../near', file), 'utf8').matchAll(/code: ([a-z-]+)/g),
    ]);
    const codes = new Set([...lines, ...near].map(([, code = '']) => code));
    expect(codes.size).toBeGreaterThan(50);
    expect([...codes].filter((code) => !docs.includes(`\`${code}\``))).toEqual([]);
  });
});
