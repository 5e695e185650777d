import { describe, expect, it } from 'vitest';
import { decideResource, type Outcome } from '../../../src/core/manifest/outcome.ts';
import { listResources } from '../../../src/core/manifest/resource.ts';
import { collectServiceAccounts } from '../../../src/core/manifest/service-account.ts';
import { inject, skip, type Decision } from '../../../src/core/pod/reasons.ts';

const find = (image: string) => (image.startsWith('quay.io/') ? [{ source: 'config.json' }] : []);

/** What becomes of the last of these objects. */
function decideLast(...objects: readonly object[]): Outcome | undefined {
  const document = { apiVersion: 'v1', kind: 'List', items: objects };
  const resources = listResources(document);
  const accounts = collectServiceAccounts(resources);
  return resources
    .map((resource) => decideResource({ document, resource, secretName: 'pullkeeper', accounts, find }))
    .at(-1);
}

function pod(spec: object, annotations: object = {}, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', annotations, ...metadata }, spec };
}

function decided(decision: Decision, patch: readonly unknown[] = [], warnings: readonly string[] = []): object {
  return { kind: 'decided', decision, patch, warnings };
}

const image = 'quay.io/acme/web:1';
const containers = [{ image }];
const matched = inject.imageMatched('quay.io/acme/web', 'config.json');
const newList = [{ op: 'add', path: '/spec/imagePullSecrets', value: [{ name: 'pullkeeper' }] }];
const oneMore = [{ op: 'add', path: '/spec/imagePullSecrets/-', value: { name: 'pullkeeper' } }];

describe('decideResource', () => {
  it.each([
    ['no Pod template', { apiVersion: 'v1', kind: 'Service' }, { kind: 'not-a-pod-template' }],
    ['an image with a credential', pod({ containers }), decided(matched, newList)],
    ['an empty list', pod({ containers, imagePullSecrets: [] }), decided(matched, oneMore)],
    ['no credential', pod({ containers: [{ image: 'nginx' }] }), decided(skip.noCredential())],
    ['always', pod({}, { 'pullkeeper.dev/inject': 'always' }), decided(inject.always(), newList)],
    ['disabled', pod({ containers }, { 'pullkeeper.dev/inject': 'disabled' }), decided(skip.optedOut())],
    ['a mirror Pod', pod({ containers }, { 'kubernetes.io/config.mirror': 'x' }), decided(skip.mirrorPod())],
    [
      'a reference that is there',
      pod({ containers, imagePullSecrets: [{ name: 'pullkeeper' }] }),
      decided(skip.alreadyListed('pullkeeper')),
    ],
    [
      'another annotation',
      pod({ containers }, { 'pullkeeper.dev/inject': 'yes' }),
      decided(matched, newList, [
        'annotation pullkeeper.dev/inject on a Pod knows the values always and disabled; this one has no effect',
      ]),
    ],
    [
      'images that are none',
      pod({ containers: [{ image: 'UPPER' }, { image: '{{ .image }}' }] }),
      decided(
        skip.noCredential(),
        [],
        [
          'image UPPER is no image reference: the kubelet would answer InvalidImageName',
          'image {{ .image }} is no image reference: render the template before inject',
        ],
      ),
    ],
    ['no spec', { apiVersion: 'v1', kind: 'Pod' }, decided(skip.malformedPod('it has no spec'))],
    [
      'no template',
      { apiVersion: 'apps/v1', kind: 'Deployment', spec: {} },
      decided(skip.malformedPod('it has no spec')),
    ],
    [
      'a list that is none',
      pod({ containers, imagePullSecrets: 'x' }),
      decided(skip.malformedPod('spec.imagePullSecrets is not a list')),
    ],
  ])('decides about %s', (_title, object, expected) => {
    expect(decideLast(object)).toEqual(expected);
  });

  describe('with a ServiceAccount among the manifests', () => {
    const strict = { 'kubernetes.io/enforce-mountable-secrets': 'true' };
    const lists = (...names: readonly string[]) => ({ imagePullSecrets: names.map((name) => ({ name })) });
    const account = (name: string, rest: object = {}, annotations: object = {}, namespace?: string): object => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace, annotations },
      ...rest,
    });
    const of = (serviceAccountName: string) => pod({ serviceAccountName, containers }, {}, { namespace: 'shop' });
    const lost = (name: string, secrets: string) =>
      `ServiceAccount ${name} lists ${secrets} in its imagePullSecrets, and Kubernetes copies them only into Pods without a list of their own, which these have now: write them into the Pod template too`;

    it.each([
      [
        'strict, and does not list the Secret',
        account('a', {}, strict),
        of('a'),
        decided(skip.strictAccount('a', 'pullkeeper')),
      ],
      ['strict, and lists the Secret', account('a', lists('pullkeeper'), strict), of('a'), decided(matched, newList)],
      ['strict, in another namespace', account('a', {}, strict, 'other'), of('a'), decided(matched, newList)],
      ['strict, of another name', account('b', {}, strict), of('a'), decided(matched, newList)],
      [
        'with a list',
        account('a', lists('x', 'y'), {}, 'shop'),
        of('a'),
        decided(matched, newList, [lost('a', 'x, y')]),
      ],
      [
        'with a list, and the Pod has its own',
        account('a', lists('x')),
        pod({ serviceAccountName: 'a', containers, imagePullSecrets: [{ name: 'x' }] }),
        decided(matched, oneMore),
      ],
      [
        'default, with a list',
        account('default', lists('x')),
        pod({ containers }),
        decided(matched, newList, [lost('default', 'x')]),
      ],
    ])('that is %s', (_title, first, second, expected) => {
      expect(decideLast(first, second)).toEqual(expected);
    });
  });
});
