import { expect, it } from 'vitest';
import { joinStreams } from '../../src/manifest/stream-join.ts';

it.each([
  ['one alone, as it is', ['\ufeffa: 1'], '\ufeffa: 1'],
  ['one that is empty', [''], ''],
  ['two', ['a: 1\n', 'b: 2\n'], 'a: 1\n---\nb: 2\n'],
  ['one without a line break at its end', ['a: 1', 'b: 2'], 'a: 1\n---\nb: 2'],
  ['CR LF', ['a: 1\r\nc: 1', 'b: 2\r\n'], 'a: 1\r\nc: 1\r\n---\r\nb: 2\r\n'],
  ['a marker that is there', ['a: 1\n', '---\nb: 2\n'], 'a: 1\n---\nb: 2\n'],
  ['a marker below comments', ['a: 1\n', '# c\n\n--- # d\nb: 2\n'], 'a: 1\n# c\n\n--- # d\nb: 2\n'],
  ['a marker that has content', ['a: 1\n', '--- {b: 2}\n'], 'a: 1\n--- {b: 2}\n'],
  ['what only begins like a marker', ['a: 1\n', '---b: 2\n'], 'a: 1\n---\n---b: 2\n'],
  ['a marker at the end', ['a: 1\n---\n', 'b: 2\n'], 'a: 1\n---\nb: 2\n'],
  ['a comment first', ['a: 1\n', '# c\nb: 2\n'], 'a: 1\n---\n# c\nb: 2\n'],
  ['a directive', ['a: 1\n', '# c\n%YAML 1.2\n---\nb: 2\n'], 'a: 1\n...\n# c\n%YAML 1.2\n---\nb: 2\n'],
  ['byte order marks, of which the first stays', ['\ufeffa: 1\n', '\ufeffb: 2\n'], '\ufeffa: 1\n---\nb: 2\n'],
  ['empty ones between', ['', 'a: 1\n', ' \n', 'b: 2\n', '\n'], 'a: 1\n---\nb: 2\n'],
])('joins %s', (_title, texts, joined) => {
  expect(joinStreams(texts)).toBe(joined);
});
