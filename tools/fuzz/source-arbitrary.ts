import * as fc from 'fast-check';
import { canary, encodeValue, type SourceCase } from './cases/source-case.ts';
import { mutate, mutated, mutations, type Mutation } from './mutation.ts';
import { images, keyRecipes, namesFor } from './vocabulary.ts';

/** Each starts with the canary, but the shortest: no sentence may hold one. */
const words = [
  '',
  'u',
  `${canary}user`,
  `${canary}user`,
  `${canary}:name`,
  `${canary}$pull`,
  `${canary} word`,
  `${canary}näme`,
  `${canary}line\n`,
  `${canary}\u{1f433}`,
  canary.repeat(20),
];

const authPieces = ['=', '==', '=\n', '\r\n=', '\n', '\r\n', ' ', '-', '_', 'A', 'é', '\u00a0', '/'];

const auths = mutated(
  fc
    .tuple(
      fc.constantFrom(...words),
      fc.constantFrom(':', ':', ':', ''),
      fc.constantFrom(...words),
      fc.boolean(),
      fc.boolean(),
    )
    .map(([username, colon, password, isPadded, isLatin]) => {
      const encoded = Buffer.from(username + colon + password, isLatin ? 'latin1' : 'utf8').toString('base64');
      return isPadded ? encoded : encoded.replace(/=+$/, '');
    }),
  authPieces,
);

const wrong = fc.constantFrom<unknown>(null, 5, true, [], {}, 'text');
const word = fc.constantFrom(...words);

const loginFields = fc.record({ username: word, password: word });
const oddFields = ['username', 'password', 'auth', 'email', 'Auth', 'pa\u017f\u017fword', 'other', 'identitytoken'];

/** Values of a registry, most of them such as tools write. */
const values: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 12, arbitrary: loginFields },
  { weight: 12, arbitrary: fc.record({ auth: auths }) },
  {
    weight: 6,
    arbitrary: fc.record({ username: word, password: word, email: word, auth: auths }, { requiredKeys: [] }),
  },
  { weight: 1, arbitrary: fc.record({ identitytoken: word, auth: fc.constant('') }, { requiredKeys: [] }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(loginFields, fc.constantFrom(...oddFields), wrong)
      .map(([fields, name, value]) => ({ ...fields, [name]: value })),
  },
  { weight: 1, arbitrary: wrong },
);

const headers = fc.oneof(wrong, fc.constantFrom<unknown>({ 'User-Agent': 'x' }, { a: null }, { a: 1 }));

/** Other members of the document than registries. */
const extras: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  { weight: 16, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, unknown>>(
      { credsStore: 'desktop' },
      { credHelpers: { 'foo.io': 'x' } },
      { Auths: {} },
      { httpheaders: {} },
    ),
  },
  { weight: 1, arbitrary: headers.map((value) => ({ HttpHeaders: value })) },
  { weight: 1, arbitrary: values.map((value) => ({ 'foo.io': value })) },
  { weight: 1, arbitrary: wrong.map((value) => ({ auths: value })) },
);

/** Docker Hub under several of its names with one credential, and a path of it with another. */
const hubEntries = fc
  .tuple(
    values,
    fc.shuffledSubarray(['docker.io', 'index.docker.io', 'https://index.docker.io/v1/', 'docker.io/library/']),
  )
  .map(([value, keys]) =>
    keys.map((key): [string, unknown] => [key, key.endsWith('/library/') ? { username: `${canary}hub` } : value]),
  );

const jsonPieces = [
  ...'{}[]:,"\\ \n0-'.split(''),
  '\\ud800',
  '\\u00',
  '\ufeff',
  '\u0001',
  'null',
  '"auths":{},',
  '"auth":"",',
  '"foo.io":{},',
  '1e',
  'é',
];

/** As weights: a wrong layout ends the whole source at once. */
const layouts = [
  ...Array.from({ length: 12 }, () => 'json' as const),
  ...Array.from({ length: 6 }, () => 'legacy' as const),
  'json-in-legacy' as const,
  'legacy-in-json' as const,
];

/** Sources of both types, well made and badly made, down to bytes that are no text. */
export const sources: fc.Arbitrary<SourceCase> = fc
  .record({
    images: fc.array(images, { minLength: 1, maxLength: 4 }),
    entries: fc.array(fc.tuple(keyRecipes, values), { maxLength: 5 }),
    hub: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: hubEntries }),
    extras,
    layout: fc.constantFrom(...layouts),
    changes: fc.oneof(
      { weight: 3, arbitrary: fc.constant<readonly Mutation[]>([]) },
      { weight: 1, arbitrary: mutations(jsonPieces) },
    ),
    bytes: fc.oneof(
      { weight: 19, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.tuple(fc.nat(999), fc.nat(255)), { maxLength: 2 }) },
    ),
  })
  .map((parts) => {
    const names = namesFor(parts.images);
    const entries = [
      ...parts.entries.map(([recipe, value]): [string, unknown] => [recipe(names), value]),
      ...parts.hub,
    ];
    const members = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    const others = Object.entries(parts.extras).map(
      ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
    );
    const isLegacyContent = parts.layout === 'legacy' || parts.layout === 'legacy-in-json';
    const all = isLegacyContent ? [...members, ...others] : [`"auths":{${members.join(',')}}`, ...others];
    const text = parts.changes.reduce(mutate, `{${all.join(',')}}`);
    const bytes = Buffer.from(text);
    for (const [place, byte] of parts.bytes) bytes[place % Math.max(bytes.length, 1)] = byte;
    const isLegacyType = parts.layout === 'legacy' || parts.layout === 'json-in-legacy';
    return {
      kind: 'source',
      type: isLegacyType ? 'kubernetes.io/dockercfg' : 'kubernetes.io/dockerconfigjson',
      data: { [isLegacyType ? '.dockercfg' : '.dockerconfigjson']: encodeValue(bytes) },
      images: parts.images,
    };
  });
