import { describe, expect, it } from 'vitest';
import { createPageSize, type PageSize } from '../../src/kube/page-size.ts';

const MIB = 2 ** 20;
const BOUNDS = { most: 100, bytes: 4 * MIB };

/** What a list of objects of these sizes takes, page by page: how many came, or that it was given up. */
function listAll(size: PageSize, objects: readonly number[]): readonly (number | 'given up')[] {
  const pages: (number | 'given up')[] = [];
  for (let start = 0; start < objects.length;) {
    const page = objects.slice(start, start + size.limit());
    const bytes = page.reduce((sum, each) => sum + each, 0);
    if (bytes > (size.mostBytes() ?? Infinity)) {
      size.exceeded();
      pages.push('given up');
      continue;
    }
    size.came(page.length, bytes);
    pages.push(page.length);
    start += page.length;
  }
  return pages;
}

function times(count: number, bytes: number): readonly number[] {
  return Array.from({ length: count }, () => bytes);
}

describe('a page', () => {
  it('has as many objects as there may be while they are small', () => {
    expect(listAll(createPageSize(BOUNDS), times(1000, 20_000))).toEqual(times(10, 100));
  });

  it('has fewer of large ones, and never more bytes than the bound', () => {
    expect(listAll(createPageSize(BOUNDS), times(6, 1.4 * MIB))).toEqual(['given up', 'given up', 1, 2, 2, 1]);
  });

  it('has one object however large it is', () => {
    const size = createPageSize(BOUNDS);
    expect(listAll(size, [9 * MIB, 9 * MIB]).slice(-2)).toEqual([1, 1]);
  });

  it('grows again after large ones, in this list and for the next', () => {
    const size = createPageSize(BOUNDS);
    const objects = [...times(3, 1.4 * MIB), ...times(200, 2000)];
    expect(listAll(size, objects)).toEqual(['given up', 'given up', 1, 2, 2, 16, 100, 82]);
    expect(listAll(size, times(200, 2000))).toEqual([100, 100]);
  });

  it('is as large as it may be after one with nothing in it', () => {
    const size = createPageSize(BOUNDS);
    size.exceeded();
    size.came(0, 100);
    expect(size.limit()).toBe(96);
  });

  it('is given up once at most for each that comes, of small and large ones in turns', () => {
    const objects = Array.from({ length: 100 }, () => [2000, ...times(10, 1.4 * MIB)]).flat();
    const pages = listAll(createPageSize(BOUNDS), objects);
    const givenUp = pages.filter((page) => page === 'given up').length;
    expect(givenUp).toBeLessThan(pages.length / 2);
  });
});
