// Images and registry keys that nearly match: both are put together from the same few words, and keys are also cut out
// of the images of their case.

import * as fc from 'fast-check';
import { parseImage } from '../../src/core/kubelet/image-reference.ts';
import { mutate, mutated, mutations } from './mutation.ts';

const hosts = [
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'foo.io',
  'a.foo.io',
  'b.foo.io',
  'foo.io:5000',
  'foo.io:',
  'ghcr.io',
  'localhost',
  'localhost:5000',
  'reg',
  'REG',
  'Reg.io',
  'A',
  'foo_bar.com',
  'foo-bar.com',
  'a.b.foo.io',
  '127.0.0.1:5000',
  'docker.io:443',
  '[::1]',
  '[::1]:5000',
  '[2001:DB8::1]:443',
  '[ABC]',
];

const components = ['library', 'nginx', 'acme', 'acme-evil', 'app', 'a', 'v1', 'v2', 'x__y', 'x_y', 'x.y', 'x--y'];
const hex = '0123456789abcdef'.repeat(8);
const ends = [
  '',
  '',
  '',
  ':1.0',
  ':latest',
  `:${'t'.repeat(128)}`,
  `:${'t'.repeat(129)}`,
  `@sha256:${hex.slice(0, 64)}`,
  `:1@sha512:${hex}`,
  `@sha384:${hex.slice(0, 96)}`,
];

const imagePieces = [
  ...'/:@._-Aa0[]* \n'.split(''),
  'é',
  '__',
  '---',
  'a'.repeat(250),
  'sha256:',
  hex.slice(0, 64),
  'foo.io/',
  ':5000',
];
const keyPieces = [
  ...'/:@._-A0[]*%#?\\{} "<>|^~!$&(),;=\n'.split(''),
  'é',
  '\u{1f433}',
  '//',
  '/v1/',
  '/v2/',
  '/v1',
  '*.',
  '.*',
  '**',
  '%41',
  '%2F',
  '%25',
  '%253f',
  '%ff',
  '%e9',
  'user:word@',
  'https://',
  'http://',
  ':5000',
  '%25eth0',
  '#%4',
  '#\n',
  '?\n',
  '/',
];

const paths = fc.array(fc.constantFrom(...components), { maxLength: 3 });

/** Texts of nothing but pieces, where the parsers' corners are. */
function heaps(pieces: readonly string[]): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((some) => some.join(''));
}

const groups = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('0', '1', 'ab', 'fe80', 'FFFF') },
  { weight: 1, arbitrary: fc.constantFrom('12345', 'g', '', '1.2.3.4') },
);
const manyGroups = fc.array(groups, { maxLength: 8 });
const dotted = fc.constantFrom('', '', '', '1.2.3.4', '255.0.0.10', '01.2.3.4', '1.2.3.256', '1.2.3', '1.2.3.4.5');
const zones = ['', '', '', '%25eth0', '%25', '%eth0', '%25a%20b', '%25%41', '%25%2f'];
const addresses = fc
  .tuple(fc.constantFrom(0, 1, 1, 1, 2), manyGroups, manyGroups, dotted, fc.constantFrom(...zones))
  .map(([doubleColons, first, second, last, zone]) => {
    // Two halves often have one group more or less than fits, and so has an address without "::".
    const tail = [...second.slice(0, 8 - first.length), ...(last === '' ? [] : [last])].join(':');
    return `${first.join(':')}${doubleColons === 0 ? ':' : '::'.repeat(doubleColons)}${tail}${zone}`;
  });
const bracketed = fc
  .tuple(addresses, fc.constantFrom('', ':', ':5000', ':x', '/v1/', '/a', ':1/'))
  .map(([address, end]) => `[${address}]${end}`);

/** Images, most of them valid. */
export const images: fc.Arbitrary<string> = fc.oneof(
  { weight: 1, arbitrary: heaps([...imagePieces, ...hosts, ...components]) },
  {
    weight: 9,
    arbitrary: mutated(
      fc
        .tuple(
          fc.option(fc.constantFrom(...hosts), { freq: 3, nil: undefined }),
          fc.array(fc.constantFrom(...components), { minLength: 1, maxLength: 3 }),
          fc.constantFrom(...ends),
        )
        .map(([host, path, end]) => [...(host === undefined ? [] : [host]), ...path].join('/') + end),
      imagePieces,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      hex.slice(0, 64),
      hex.slice(1, 64),
      `${hex.slice(0, 64)}0`,
      hex.slice(0, 64).toUpperCase(),
    ),
  },
);

const schemes = [...Array.from({ length: 12 }, () => ''), 'https://', 'https://', 'http://', 'HTTPS://', 'oci://'];
const versions = ['', '', '', '', '', '', '/v1/', '/v2/', '/v1', '/v2', '/v1/v2/'];

const plainKeys: fc.Arbitrary<string> = mutated(
  fc
    .tuple(
      fc.constantFrom(...schemes),
      fc.constantFrom(...hosts),
      fc.constantFrom(...versions),
      paths,
      fc.constantFrom('', '/'),
    )
    .map(([scheme, host, version, path, slash]) => `${scheme}${host}${joinPath(version, path)}${slash}`),
  keyPieces,
);

/** Registry keys on their own. */
export const keys: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: plainKeys },
  { weight: 1, arbitrary: heaps([...keyPieces, ...hosts, ...components]) },
  { weight: 1, arbitrary: bracketed },
);

function joinPath(version: string, path: readonly string[]): string {
  const joined = path.map((component) => `/${component}`).join('');
  return version.endsWith('/') ? version + joined.slice(1) : version + joined;
}

/** How to make a key that nearly matches one of a case's images. */
export type KeyRecipe = (names: readonly string[]) => string;

/** Keys cut out of an image's repository name, some labels turned into globs, and keys on their own. */
export const keyRecipes: fc.Arbitrary<KeyRecipe> = fc.oneof<fc.MaybeWeightedArbitrary<KeyRecipe>[]>(
  { weight: 2, arbitrary: keys.map((key) => () => key) },
  {
    weight: 5,
    arbitrary: fc
      .record({
        image: fc.nat(9),
        cut: fc.nat(300),
        globs: fc.array(fc.tuple(fc.nat(5), fc.constantFrom('*', '**', 'a*', '*o', 'f*o', '*-*', 'd*')), {
          maxLength: 2,
        }),
        scheme: fc.constantFrom(...schemes),
        version: fc.constantFrom('', '', '', '/v1', '/v2'),
        changes: mutations(keyPieces),
      })
      .map(({ image, cut, globs, scheme, version, changes }) => (names) => {
        const name = names[image % Math.max(names.length, 1)] ?? 'foo.io/x';
        const slash = name.indexOf('/');
        const host = putGlobs(name.slice(0, slash), globs);
        const path = name.slice(slash, slash + (cut % (name.length - slash + 1)));
        return changes.reduce(mutate, `${scheme}${host}${version}${path}`);
      }),
  },
);

function putGlobs(host: string, globs: readonly (readonly [number, string])[]): string {
  const labels = host.split('.');
  for (const [place, glob] of globs) labels[place % labels.length] = glob;
  return labels.join('.');
}

/** Repository names to cut keys from; without a valid image there is one all the same. */
export function namesFor(someImages: readonly string[]): readonly string[] {
  const names = someImages.flatMap((image) => {
    const parsed = parseImage(image);
    return parsed.kind === 'valid' ? [parsed.name] : [];
  });
  return names.length === 0 ? ['foo.io/acme/app'] : names;
}
