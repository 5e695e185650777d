import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Document, isCollection, isPair, isScalar, visit, type ToStringOptions } from 'yaml';
import { injectStreams } from '../../src/manifest/injection.ts';
import { expectReferencesOnly } from './edit-expectations.ts';
import { parseStream } from './parsed-stream.ts';
import { answerDocument } from './webhook-answer.ts';

const numRuns = 500;
const secretName = 'pullkeeper';
const find = (image: string): readonly { readonly source: string }[] =>
  image.startsWith('quay.io/acme/') ? [{ source: 'acme' }] : [];

const image = fc.constantFrom(
  'quay.io/acme/web:1',
  'quay.io/acme/tools/a@sha256:0',
  'nginx',
  'registry.k8s.io/pause:3',
);
const word = fc.constantFrom(
  'web',
  'a b',
  'yes',
  '1',
  '- x',
  '# no comment',
  'a: b',
  '{',
  "it's",
  '"',
  '',
  'é',
  '---',
  '*a',
);
const text = fc.oneof(
  word,
  fc.array(word, { minLength: 2, maxLength: 5 }).map((words) => words.join('\n')),
);

const container = fc.record(
  { name: fc.constant('main'), image, args: fc.array(text, { maxLength: 2 }), tty: fc.boolean(), env: fc.constant([]) },
  { requiredKeys: ['image'] },
);
const pullSecrets = fc.oneof(
  fc.constantFrom(null, [], [{}]),
  fc.array(fc.record({ name: fc.constantFrom('own', 'regcred', '1') }), { minLength: 1, maxLength: 3 }),
  fc.constant([{ name: secretName }]),
);

/** Members in any order: what stands first and last in a Pod spec is what edits depend on. */
function shuffled<T extends object>(members: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.tuple(members, fc.infiniteStream(fc.nat())).map(([value, keys]) =>
    Object.fromEntries(
      Object.entries(value)
        .map((entry) => ({ entry, rank: Number(keys.next().value) }))
        .sort((left, right) => left.rank - right.rank)
        .map(({ entry }) => entry),
    ),
  ) as fc.Arbitrary<T>;
}

const spec = shuffled(
  fc.record(
    {
      containers: fc.array(container, { minLength: 1, maxLength: 2 }),
      initContainers: fc.array(container, { maxLength: 1 }),
      imagePullSecrets: pullSecrets,
      restartPolicy: fc.constant('Always'),
      nodeSelector: fc.dictionary(fc.constantFrom('a', 'b'), text, { maxKeys: 2 }),
      hostname: text,
    },
    { requiredKeys: ['containers'] },
  ),
);
const metadata = shuffled(
  fc.record(
    {
      name: fc.constant('web'),
      annotations: fc.record(
        { 'pullkeeper.dev/inject': fc.constantFrom('always', 'disabled', 'other'), note: text },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['name'] },
  ),
);
const template = shuffled(fc.record({ metadata, spec }));

const object = fc.oneof(
  shuffled(fc.record({ apiVersion: fc.constant('v1'), kind: fc.constant('Pod'), metadata, spec })),
  shuffled(
    fc.record({
      apiVersion: fc.constant('apps/v1'),
      kind: fc.constantFrom('Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'),
      metadata,
      spec: shuffled(fc.record({ replicas: fc.nat(3), template })),
    }),
  ),
  shuffled(
    fc.record({
      apiVersion: fc.constant('batch/v1'),
      kind: fc.constant('CronJob'),
      metadata,
      spec: fc.record({ jobTemplate: fc.record({ spec: fc.record({ template }) }) }),
    }),
  ),
  fc.record({
    apiVersion: fc.constant('v1'),
    kind: fc.constant('ConfigMap'),
    metadata,
    data: fc.dictionary(word, text),
  }),
);
const manifest = fc.oneof(
  { weight: 3, arbitrary: object },
  {
    weight: 1,
    arbitrary: shuffled(
      fc.record({
        apiVersion: fc.constant('v1'),
        kind: fc.constant('List'),
        items: fc.array(object, { minLength: 1, maxLength: 3 }),
      }),
    ),
  },
);

const printing: fc.Arbitrary<ToStringOptions> = fc.record(
  {
    collectionStyle: fc.constantFrom('any', 'block', 'flow'),
    indent: fc.constantFrom(1, 2, 3, 4, 8),
    indentSeq: fc.boolean(),
    flowCollectionPadding: fc.boolean(),
    trailingComma: fc.boolean(),
    defaultKeyType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'),
    defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'),
    lineWidth: fc.constantFrom(0, 20, 80),
    nullStr: fc.constantFrom('null', '~', ''),
    directives: fc.constantFrom(true, null),
  },
  { requiredKeys: [] },
);

/** Comments, blank lines and flow style wherever a node says yes. */
const decoration = fc.record({ seeds: fc.array(fc.nat(11), { minLength: 1, maxLength: 40 }), comments: fc.boolean() });

const yamlText = fc.tuple(manifest, printing, decoration).map(([value, options, { seeds, comments }]) => {
  const document = new Document(value, { aliasDuplicateObjects: false });
  let count = 0;
  visit(document, (_key, node) => {
    if (isPair(node) || (!isCollection(node) && !isScalar(node))) return;
    const seed = seeds[count++ % seeds.length];
    if (isCollection(node) && seed === 1) node.flow = true;
    if (!comments) return;
    if (seed === 2) node.commentBefore = ' before';
    if (seed === 3) node.comment = ' behind';
    if (seed === 4) node.spaceBefore = true;
  });
  return document.toString(options);
});
const jsonText = fc
  .tuple(manifest, fc.constantFrom(undefined, 2, 4, '\t'))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

const stream = fc
  .record({
    documents: fc.array(fc.oneof({ weight: 4, arbitrary: yamlText }, { weight: 1, arbitrary: jsonText }), {
      minLength: 1,
      maxLength: 3,
    }),
    crlf: fc.boolean(),
    mark: fc.boolean(),
    newlineAtEnd: fc.boolean(),
    marker: fc.constantFrom('---\n', '--- # next\n', '...\n---\n'),
  })
  .map(({ documents, crlf, mark, newlineAtEnd, marker }) => {
    const [first = '', ...rest] = documents.map((document) => document.replace(/\n*$/, '\n'));
    const joined = [first, ...rest.map((document) => document.replace(/^(?!---)/, marker))].join('');
    const ended = newlineAtEnd ? joined : joined.replace(/\n*$/, '');
    return (mark ? '\ufeff' : '') + (crlf ? ended.replaceAll('\n', '\r\n') : ended);
  });

function isReadable(input: string): boolean {
  try {
    parseStream(input);
    return true;
  } catch {
    return false;
  }
}

it("adds to any manifest, however it is printed, what the webhook's patch adds, and nothing else", () => {
  let edited = 0;
  fc.assert(
    fc.property(stream, (input) => {
      // The printer has forms that no reader takes, such as an empty list in a line of its own.
      fc.pre(isReadable(input));
      const result = injectStreams([{ name: 'stream', text: input }], { secretName, find });
      if (result.kind === 'failed') throw new Error(JSON.stringify(result.problems));
      const [output] = result.streams;
      expect(output).toBeDefined();
      if (output === undefined) return;
      expect(parseStream(output.text)).toEqual(
        parseStream(input).map((document) => answerDocument(document, { secretName, find })),
      );
      expectReferencesOnly(input, output.text, output.edits, secretName);
      edited += output.edits.length;
    }),
    { numRuns },
  );
  expect(edited).toBeGreaterThan(numRuns / 4);
}, 60_000);
