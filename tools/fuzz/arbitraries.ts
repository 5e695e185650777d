import * as fc from 'fast-check';
import { normaliseKey } from '../../src/core/kubelet/registry-key.ts';
import type { LookupCase } from './cases/lookup-case.ts';
import type { ReachCase } from './cases/reach-case.ts';
import type { SelectorCase } from './cases/selector-case.ts';
import type { TestCase } from './cases/kinds.ts';
import { mutated } from './mutation.ts';
import { sources } from './source-arbitrary.ts';
import { images, keyRecipes, keys, namesFor } from './vocabulary.ts';

const lookups: fc.Arbitrary<LookupCase> = fc
  .tuple(
    fc.array(images, { minLength: 1, maxLength: 4 }),
    fc.array(fc.array(keyRecipes, { maxLength: 6 }), { minLength: 1, maxLength: 3 }),
  )
  .map(([someImages, recipes]) => {
    const names = namesFor(someImages);
    const secrets = recipes.map((keysOfOne, secret) =>
      withDistinctKeys(keysOfOne.map((recipe) => recipe(names))).map(
        (key, index) => [key, `user-${secret}-${index}`] as const,
      ),
    );
    return { kind: 'lookup', secrets, images: someImages };
  });

/** Within one Secret the order of two spellings of a key is undefined, so there is one of each. */
function withDistinctKeys(someKeys: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return someKeys.filter((key) => {
    const normalised = normaliseKey(key) ?? `dropped ${key}`;
    if (seen.has(normalised)) return false;
    seen.add(normalised);
    return true;
  });
}

const reaches: fc.Arbitrary<ReachCase> = fc
  .tuple(fc.array(images, { minLength: 1, maxLength: 4 }), keyRecipes)
  .map(([someImages, recipe]) => ({ kind: 'reach', key: recipe(namesFor(someImages)), images: someImages }));

const labelNames = [
  'a',
  'team',
  'env',
  'example.com/team',
  'in',
  'notin',
  'A.b_c-d',
  'é',
  'a'.repeat(64),
  'Ex.com/a',
  '-a',
];
const labelValues = [
  '',
  'a',
  'dev',
  'prod',
  '5',
  '10',
  '-5',
  '9223372036854775808',
  'in',
  'a'.repeat(63),
  'a'.repeat(64),
];
const selectorPieces = [
  ...'=!(),><'.split(''),
  '==',
  '!=',
  ' in ',
  ' notin ',
  ' in (',
  ' ',
  '\t',
  '\0',
  '"',
  ...labelNames,
  ...labelValues,
];

const requirement = fc.oneof(
  fc.constantFrom(...labelNames),
  fc.constantFrom(...labelNames).map((name) => `!${name}`),
  fc
    .tuple(
      fc.constantFrom(...labelNames),
      fc.constantFrom('=', '==', '!=', '>', '<', ' = '),
      fc.constantFrom(...labelValues),
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom(...labelNames),
      fc.constantFrom(' in ', ' notin ', ' in'),
      fc.array(fc.constantFrom(...labelValues), { maxLength: 3 }),
    )
    .map(([name, operator, values]) => `${name}${operator}(${values.join(',')})`),
);

const selectors: fc.Arbitrary<SelectorCase> = fc
  .tuple(
    mutated(
      fc.array(requirement, { maxLength: 3 }).map((requirements) => requirements.join(',')),
      selectorPieces,
    ),
    fc.array(fc.dictionary(fc.constantFrom(...labelNames), fc.constantFrom(...labelValues), { maxKeys: 4 }), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([text, labels]) => ({ kind: 'selector', text, labels: labels.map((set) => ({ ...set })) }));

/** Cases of every kind, lookups most of all. */
export const testCases: fc.Arbitrary<TestCase> = fc.oneof(
  { weight: 2, arbitrary: images.map((image): TestCase => ({ kind: 'image', image })) },
  { weight: 2, arbitrary: keys.map((key): TestCase => ({ kind: 'key', key })) },
  { weight: 4, arbitrary: lookups },
  { weight: 1, arbitrary: reaches },
  { weight: 3, arbitrary: sources },
  { weight: 1, arbitrary: selectors },
);
