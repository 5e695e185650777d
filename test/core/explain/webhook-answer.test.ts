import { expect, it } from 'vitest';
import type { Found, NamespaceFacts } from '../../../src/core/explain/facts.ts';
import type { Account } from '../../../src/core/pod/service-account.ts';
import { readNamespaceState } from '../../../src/core/explain/namespace-state.ts';
import { readOffer } from '../../../src/core/explain/offer.ts';
import { answerPod } from '../../../src/core/explain/webhook-answer.ts';
import { readPod, type PodView } from '../../../src/core/pod/pod-view.ts';
import { install, namespaceFacts, ours } from './facts.ts';

const unread = { kind: 'unread' } as const;
const missing = { kind: 'missing' } as const;
const always = {
  kind: 'found',
  value: { labels: { inject: 'yes', 'pullkeeper.dev/inject': 'always' }, deleting: false },
} as const;
const notEnabled = { kind: 'found', value: { labels: {}, deleting: false } } as const;
const foreign = { kind: 'found', value: { ...ours, owned: false } } as const;
const strict: Found<Account> = { kind: 'found', value: { pullSecretNames: ['mine'], isStrict: true } };

function pod(image: string, names: readonly string[] = []): PodView {
  const reading = readPod({
    spec: { serviceAccountName: 'builder', containers: [{ image }], imagePullSecrets: names.map((name) => ({ name })) },
  });
  if (reading.kind === 'malformed') throw new Error(reading.sentence);
  return reading.pod;
}

const known = pod('quay.io/a/b');
const other = pod('ghcr.io/a/b');
const matched = {
  action: 'inject',
  code: 'image-matched',
  sentence: 'the kubelet finds a credential of source quay for quay.io/a/b',
};
const noCredential = {
  action: 'skip',
  code: 'no-credential',
  sentence: 'no source for this namespace has a credential for its images',
  warn: false,
};

interface Row {
  readonly row: string;
  readonly namespace: Partial<NamespaceFacts>;
  readonly pod: PodView;
  readonly account?: Found<Account>;
  readonly answer: object;
}

// The rows of the table in webhook-answer.ts.
const rows: readonly Row[] = [
  {
    row: '1',
    namespace: { object: missing },
    pod: known,
    answer: { action: 'unknown', code: 'no-namespace', sentence: 'there is no namespace tom' },
  },
  {
    row: '2',
    namespace: { object: notEnabled },
    pod: known,
    answer: {
      action: 'skip',
      code: 'namespace-not-enabled',
      sentence: 'namespace tom is not enabled for injection',
      warn: false,
    },
  },
  {
    row: '2, never',
    namespace: { name: 'kube-system' },
    pod: known,
    answer: {
      action: 'skip',
      code: 'namespace-not-enabled',
      sentence: 'namespace kube-system is not enabled for injection',
      warn: false,
    },
  },
  {
    row: '3',
    namespace: { object: always, managed: foreign },
    pod: other,
    answer: {
      action: 'skip',
      code: 'foreign-secret',
      sentence: "Secret tom/pullkeeper is not Pullkeeper's (no label pullkeeper.dev/managed=true): rename or delete it",
      warn: true,
    },
  },
  { row: '3, nothing to add', namespace: { managed: foreign }, pod: other, answer: noCredential },
  {
    row: '4',
    namespace: { sources: unread, managed: unread },
    pod: known,
    answer: {
      action: 'unknown',
      code: 'unknown',
      sentence:
        'neither the sources nor the managed Secret could be read, so what Pullkeeper has for its images is not known',
    },
  },
  {
    row: '4, listed already',
    namespace: { sources: unread, managed: unread },
    pod: pod('quay.io/a/b', ['pullkeeper']),
    answer: {
      action: 'skip',
      code: 'already-listed',
      sentence: 'the Pod lists pullkeeper in its imagePullSecrets',
      warn: false,
    },
  },
  {
    row: '6',
    namespace: { object: unread },
    pod: other,
    answer: {
      ...noCredential,
      sentence: `${noCredential.sentence} (unless its label says pullkeeper.dev/inject=always, which could not be read)`,
    },
  },
  { row: '7', namespace: {}, pod: known, answer: matched },
  { row: '7, sources not read', namespace: { object: unread, sources: unread }, pod: known, answer: matched },
  {
    row: '7, always',
    namespace: { object: always },
    pod: other,
    answer: {
      action: 'inject',
      code: 'always',
      sentence: 'the namespace or the Pod asks for the reference whatever the images are',
    },
  },
  {
    row: '7, strict',
    namespace: {},
    pod: known,
    account: strict,
    answer: {
      action: 'skip',
      code: 'strict-account',
      sentence:
        'ServiceAccount builder enforces mountable secrets and does not list pullkeeper: the API server would refuse the reference',
      warn: true,
    },
  },
  {
    row: '7, strict, listed',
    namespace: {},
    pod: known,
    account: { kind: 'found', value: { pullSecretNames: ['pullkeeper'], isStrict: true } },
    answer: matched,
  },
];

it.each(rows)('row $row', ({ namespace, pod: asked, account = unread, answer }) => {
  const facts = namespaceFacts(namespace);
  const state = readNamespaceState(install, facts);
  expect(answerPod({ install, namespace: facts, state, offer: readOffer(facts), pod: asked, account })).toEqual(answer);
});

it('row 5', () => {
  // The namespace and the managed Secret could not be read, the sources could.
  const facts = namespaceFacts({ object: unread, managed: unread });
  const offer = { ...readOffer(facts), find: () => [{ key: 'quay.io', source: 'quay' }] };
  const state = readNamespaceState(install, facts);
  expect(answerPod({ install, namespace: facts, state, offer, pod: known, account: unread })).toEqual({
    action: 'unknown',
    code: 'unknown',
    sentence: `if namespace tom is enabled, it adds the reference: ${matched.sentence}`,
  });
});
