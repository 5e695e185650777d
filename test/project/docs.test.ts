import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { STORY } from '../../tools/demo/story.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'));

/** What stands in code spans of the first column of the tables under a heading. */
function firstColumn(page: string, heading: string): readonly string[] {
  const from = page.indexOf(`\n${heading}\n`);
  if (from < 0) throw new Error(`there is no heading ${heading}`);
  const section = page.slice(from + heading.length + 2).split(/^#{2,3} /m)[0] ?? '';
  const cells = [...section.matchAll(/^\| (.*?) *\|/gm)].map(([, cell]) => cell ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? ''));
}

/** The members of a union of string literals, read from the source. */
function literals(file: string, type: string): readonly string[] {
  const [, union] = new RegExp(`type ${type} =([^;]+);`).exec(read(file)) ?? [];
  const found = [...(union ?? '').matchAll(/'([^']+)'/g)].map(([, literal]) => literal ?? '');
  if (found.length === 0) throw new Error(`${file} has no type ${type}`);
  return found;
}

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

describe('docs/operations.md', () => {
  const page = read('docs/operations.md');

  it('lists every flag of serve, with its default', () => {
    const help = readConfig(['--help'], {});
    const text = help.kind === 'help' ? help.text : '';
    const flags = [...text.matchAll(/^ {2}(--[^\n]+)\n([\s\S]*?)(?=^ {2}-|\n\n)/gm)].map(([, flag, about]) => {
      const [, value] = /\[default:\s+([^;]+?);/.exec((about ?? '').replaceAll(/\s+/g, ' ')) ?? [];
      return [flag, value ?? ''];
    });
    expect(flags.length).toBeGreaterThan(10);
    const rows = [...page.matchAll(/^\| `(--[^`]+)` *\| (?:`([^`]+)`)? *\|/gm)].map(([, flag, value]) => [
      flag,
      value ?? '',
    ]);
    expect(rows).toEqual(flags);
  });

  it('lists every metric', async () => {
    const { text } = await createMetrics().render();
    const metrics = [...text.matchAll(/^# TYPE (pullkeeper_\S+)/gm)].map(([, name]) => name ?? '');
    expect(sorted(firstColumn(page, '## Metrics'))).toEqual(sorted(metrics));
  });

  it('lists every decision about a Pod', () => {
    const codes = ['InjectCode', 'SkipCode'].flatMap((type) => literals('src/core/pod/reasons.ts', type));
    expect(sorted(firstColumn(page, '## Which Pods get the reference'))).toEqual(sorted(codes));
  });

  it('lists every refusal of a request', () => {
    const [, table] = /## What a request gets that is no review\n([\s\S]*?)\n## /.exec(page) ?? [];
    const cells = [...(table ?? '').matchAll(/^\| \d+ +\| (.*?) *\|/gm)].map(([, cell]) => cell ?? '');
    const codes = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? ''));
    expect(sorted(codes)).toEqual(sorted(literals('src/http/refusal.ts', 'RefusalCode')));
  });

  it('lists every plan for a managed Secret', () => {
    const [, sentence] = /Plans, by `action` and `code`: ([\s\S]*?)\n\n/.exec(page) ?? [];
    const documented = [...(sentence ?? '').matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');
    const source = read('src/core/secret/plan.ts');
    const types = source.slice(source.indexOf('export type Plan'), source.indexOf('export interface PlanInput'));
    expect(sorted(documented)).toEqual(sorted([...types.matchAll(/'([^']+)'/g)].map(([, code]) => code ?? '')));
  });
});

describe('docs/sources.md', () => {
  const page = read('docs/sources.md');

  it('lists every reason for which something of a source is refused', () => {
    const types = ['SourceRefusalCode', 'EntryRefusalCode', 'ScopeRefusalCode'];
    const codes = types.flatMap((type) => literals('src/core/sources/refusal.ts', type));
    expect(sorted(firstColumn(page, '## What is refused'))).toEqual(sorted(codes));
  });

  it('lists every warning', () => {
    const codes = literals('src/core/sources/source-warning.ts', 'SourceWarningCode');
    expect(sorted(firstColumn(page, '## What warns'))).toEqual(sorted(codes));
  });
});

describe('README.md', () => {
  it('shows a recording of the demo as it is', () => {
    const summary = [...read('README.md').matchAll(/^ +\d+ {2}held {4}(.+)$/gm)].map(([, line]) =>
      (line ?? '').replace(/ {2,}.*/, ''),
    );
    expect(summary).toEqual(STORY.map(({ title }) => title));
  });
});

describe.each(PAGES)('%s', (page) => {
  const text = read(page);

  it('links to what is there', () => {
    const broken: string[] = [];
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
    for (const link of links.filter((each) => !/^[a-z]+:/.test(each))) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), path));
      const headings = existsSync(join(ROOT, target)) ? [...read(target).matchAll(/^#+ (.+)$/gm)] : undefined;
      const anchors = headings?.map(([, heading]) => toAnchor(heading ?? ''));
      if (anchors === undefined || (anchor !== undefined && !anchors.includes(anchor))) broken.push(link);
    }
    expect(broken).toEqual([]);
  });

  it('names npm scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm (?:run )?(test|(?<=run )[a-z:]+)/g)].map(([, script]) => script ?? '');
    expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
  });
});

/** As GitHub makes it of a heading. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');
}
