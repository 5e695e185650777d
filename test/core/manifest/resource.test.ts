import { describe, expect, it } from 'vitest';
import { isResource, listResources, podOf } from '../../../src/core/manifest/resource.ts';

function describeAll(document: unknown): readonly unknown[] {
  return listResources(document).map((resource) => [resource.label, resource.podPath, podOf(document, resource)]);
}

const pod = { spec: { containers: [] } };

describe('listResources', () => {
  it.each([
    ['v1', 'Pod', { ...pod }, []],
    ['v1', 'PodTemplate', { template: pod }, ['template']],
    ['v1', 'ReplicationController', { spec: { template: pod } }, ['spec', 'template']],
    ['apps/v1', 'Deployment', { spec: { template: pod } }, ['spec', 'template']],
    ['apps/v1', 'StatefulSet', { spec: { template: pod } }, ['spec', 'template']],
    ['apps/v1', 'DaemonSet', { spec: { template: pod } }, ['spec', 'template']],
    ['apps/v1', 'ReplicaSet', { spec: { template: pod } }, ['spec', 'template']],
    ['batch/v1', 'Job', { spec: { template: pod } }, ['spec', 'template']],
    [
      'batch/v1beta1',
      'CronJob',
      { spec: { jobTemplate: { spec: { template: pod } } } },
      ['spec', 'jobTemplate', 'spec', 'template'],
    ],
    ['extensions/v1beta1', 'Deployment', { spec: { template: pod } }, ['spec', 'template']],
  ])('finds the Pod of %s %s', (apiVersion, kind, rest, path) => {
    const found = listResources({ apiVersion, kind, metadata: { name: 'x' }, ...rest });
    expect(found.map(({ label, podPath }) => [label, podPath])).toEqual([[`${kind.toLowerCase()}/x`, path]]);
    const [resource] = found;
    if (resource === undefined) throw new Error('no resource');
    expect(podOf({ ...rest }, resource)).toEqual(expect.objectContaining(pod));
  });

  it.each([
    ['a kind without Pods', { apiVersion: 'v1', kind: 'Service' }],
    ['a kind of that name in another group', { apiVersion: 'batch.volcano.sh/v1alpha1', kind: 'Job' }],
    ['a kind of another group', { apiVersion: 'apps/v1', kind: 'Pod' }],
  ])('finds no Pod in %s', (_title, object) => {
    expect(describeAll(object)).toEqual([[`${object.kind.toLowerCase()}/`, undefined, undefined]]);
  });

  it.each([null, undefined, 'text', 1, [], {}, { kind: 'Pod' }, { apiVersion: 'v1' }, { apiVersion: 1, kind: 2 }])(
    'takes %j for no resource',
    (value) => {
      expect(listResources(value)).toEqual([]);
      expect(isResource(value)).toBe(false);
    },
  );

  it('takes lists apart, however nested, with what their items leave out', () => {
    const document = {
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'a' }, ...pod }, { kind: 'Secret' }] },
        { apiVersion: 'apps/v1', kind: 'DeploymentList', items: [{ metadata: { generateName: 'b-' } }] },
        { metadata: { name: 'an item of a List says what it is' } },
        null,
      ],
    };
    expect(describeAll(document)).toEqual([
      ['pod/a', ['items', 0, 'items', 0], { metadata: { name: 'a' }, ...pod }],
      ['secret/', undefined, undefined],
      ['deployment/b-*', ['items', 1, 'items', 0, 'spec', 'template'], undefined],
    ]);
    expect(isResource(document)).toBe(true);
  });

  it('takes a kind that ends in List and has no items for what it is', () => {
    expect(describeAll({ apiVersion: 'acme.example/v1', kind: 'AllowList', metadata: { name: 'a' } })).toEqual([
      ['allowlist/a', undefined, undefined],
    ]);
  });

  it('keeps control characters out of what people see', () => {
    expect(describeAll({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a\u001b[2J\nb' } })[0]).toEqual([
      'pod/a\\u{1b}[2J\\u{a}b',
      [],
      expect.anything(),
    ]);
  });
});
