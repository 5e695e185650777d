import { expect, it } from 'vitest';
import { createTokenBuckets } from '../../src/core/token-buckets.ts';

it('lets a burst through, then one per interval, and says how long to wait', () => {
  const buckets = createTokenBuckets({ burst: 3, intervalMs: 100 });
  expect([1, 2, 3, 4].map(() => buckets.take('a', 1000))).toEqual([0, 0, 0, 100]);
  expect(buckets.take('a', 1060)).toBe(40);
  expect(buckets.take('a', 1100)).toBe(0);
  expect(buckets.take('a', 1100)).toBe(100);
});

it('fills up again, no further than the burst', () => {
  const buckets = createTokenBuckets({ burst: 2, intervalMs: 100 });
  buckets.take('a', 0);
  buckets.take('a', 0);
  expect([1, 2, 3].map(() => buckets.take('a', 10_000))).toEqual([0, 0, 100]);
});

it('counts each key by itself, however many there are', () => {
  const buckets = createTokenBuckets({ burst: 1, intervalMs: 100 });
  for (let i = 0; i < 5000; i++) expect(buckets.take(`key-${i}`, i)).toBe(0);
  expect(buckets.take('key-4999', 5000)).toBe(99);
  expect(buckets.take('key-0', 5000)).toBe(0);
});
