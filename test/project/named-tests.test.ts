import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = readdirSync(join(ROOT, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

/** A link to a test file, and the titles in double quotes that follow it: `[name](../test/x.test.ts) "one", "two"`. */
const NAMED = /\]\(([^)\s]+\.test\.ts)\)((?:,?\s+"[^"]+")*)/g;

function readNamed(page: string): readonly { readonly file: string; readonly title: string }[] {
  return [...readFileSync(join(ROOT, page), 'utf8').matchAll(NAMED)].flatMap(([, link = '', titles = '']) => {
    const file = relative(ROOT, join(ROOT, dirname(page), link));
    const found = [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title.replaceAll(/\s+/g, ' '));
    return found.length === 0 ? [{ file, title: '(no title beside it)' }] : found.map((title) => ({ file, title }));
  });
}

/** The titles that a test file gives to its tests and groups, those in tables among them: all its string literals. */
function readTitles(file: string): ReadonlySet<string> {
  const literals = readFileSync(join(ROOT, file), 'utf8').matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/g);
  return new Set([...literals].map(([, single, double]) => (single ?? double ?? '').replaceAll(/\\(.)/g, '$1')));
}

describe('the tests that docs name beside their claims', () => {
  const named = PAGES.flatMap((page) => readNamed(page).map((test) => ({ page, ...test })));

  it('are many, those of what our account cannot do among them', () => {
    expect(named.filter(({ page }) => page === 'docs/security.md').length).toBeGreaterThan(25);
    expect(named.filter(({ page }) => page === 'docs/certificates.md').length).toBeGreaterThan(8);
  });

  it('are there, by their titles', () => {
    expect(named.filter(({ file, title }) => !readTitles(file).has(title))).toEqual([]);
  });
});
