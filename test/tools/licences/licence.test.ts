import { expect, it } from 'vitest';
import { judgeLicence } from '../../../tools/licences/licence.ts';

it.each([
  ['MIT', 'shipped', undefined],
  ['(MIT OR GPL-3.0-only)', 'shipped', undefined],
  ['MIT AND ISC', 'shipped', undefined],
  ['MIT AND GPL-3.0-only', 'shipped', 'MIT AND GPL-3.0-only is not on the list for what is shipped'],
  ['MPL-2.0', 'tool', undefined],
  ['MPL-2.0', 'shipped', 'MPL-2.0 is not on the list for what is shipped'],
  ['SEE LICENSE IN x', 'tool', 'SEE LICENSE IN x is not on the list for what is only run here'],
  ['', 'shipped', 'it states no licence'],
  [undefined, 'tool', 'it states no licence'],
] as const)('%s of what is %s', (expression, use, expected) => {
  expect(judgeLicence(expression, use)).toBe(expected);
});
