import { expect, it } from 'vitest';
import { splitJsonValues } from '../../src/manifest/json-values.ts';

it.each([
  ['{}', ['{}']],
  ['\ufeff{"a":1}\n', ['{"a":1}']],
  [' {"a":"}{\\"}"} \r\n\t{"b":{"c":[{}]}}{}', ['{"a":"}{\\"}"}', '{"b":{"c":[{}]}}', '{}']],
  ['{"a":"\\\\"}{}', ['{"a":"\\\\"}', '{}']],
])('takes %j apart', (text, parts) => {
  const spans = splitJsonValues(text) ?? [];
  expect(spans.map(({ start, end }) => text.slice(start, end))).toEqual(parts);
  expect(spans.map(({ value }) => value)).toEqual(parts.map((part) => JSON.parse(part) as unknown));
});

it.each(['', ' ', 'a: b', '[{}]', '{a: b}', '{"a":1', '{"a":1}}', '{"a":1}\n---\n{"b":2}', '{} 1', '{"a', '{"a\\'])(
  'leaves %j to YAML',
  (text) => {
    expect(splitJsonValues(text)).toBeUndefined();
  },
);
