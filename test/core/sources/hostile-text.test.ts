import { expect, it } from 'vitest';
import { readSource } from '../../../src/core/sources/source.ts';

const size = 1 << 17;

/** Milliseconds, the best of three: what else runs on the machine only adds. */
function timeReading(text: string): number {
  const data = { '.dockerconfigjson': new TextEncoder().encode(text) };
  const times = Array.from({ length: 3 }, () => {
    const start = performance.now();
    readSource({ name: 'source', type: 'kubernetes.io/dockerconfigjson', annotations: {}, data });
    return performance.now() - start;
  });
  return Math.min(...times);
}

function key(text: string): string {
  return `{"auths":{${JSON.stringify(text)}:{"username":"user"}}}`;
}

// Where reading takes the square of a text's length, 128 KiB take thousands of times as long as a text that is as long
// and plain; where it does not, a few times.
it.each([
  ['spaces behind base64', `A${' '.repeat(size)}!`],
  ['spaces amid base64', `${'A '.repeat(size / 2)}!`],
  ['padding behind base64', `A${'='.repeat(size)}!`],
  ['brackets', '['.repeat(size)],
  ['escapes', key('\0'.repeat(size / 6))],
  ['lone surrogates', `{"auths":{"${'\\ud800'.repeat(size / 6)}":{}}}`],
  ['a key of question marks', key('?'.repeat(size))],
  ['a key of "@"', key('@'.repeat(size))],
  ['a key of digests', key('@sha256:0'.repeat(size / 9))],
  ['a key of colons', key(':'.repeat(size))],
  ['a key of slashes', key(`foo.io${'/'.repeat(size)}x`)],
  ['a key of dots', key(`*${'.*'.repeat(size / 2)}`)],
  ['a key of stars', key(`${'*a'.repeat(size / 2)}.foo.io`)],
  ['a key of percent signs', key('%'.repeat(size))],
  ['a key of colons in brackets', key(`[${':'.repeat(size)}]:1`)],
])('no text takes the square of its length: %s', (_, text) => {
  const plain = timeReading(key(`foo.io/${'a'.repeat(size)}`));
  expect(timeReading(text) / plain).toBeLessThan(300);
});
