import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TestCase } from '../../tools/fuzz/cases/kinds.ts';

const fixtures = join(import.meta.dirname, '../fixtures');

/** A case in a file of its own: why it is there, and what the kubelet answers. */
export type GoldenCase = TestCase & { readonly why: string; readonly kubelet: unknown };

export interface GoldenFile<C> {
  /** Path below the folder, without the ending. */
  readonly name: string;
  readonly golden: C;
}

/** Every case in a folder of test/fixtures and below, in the order of their names. */
export function readGoldenFiles<C extends GoldenCase = GoldenCase>(folder: string): readonly GoldenFile<C>[] {
  const root = join(fixtures, folder);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      name: relative(root, path).replace(/\.json$/, ''),
      golden: JSON.parse(readFileSync(path, 'utf8')) as C,
    }));
}
