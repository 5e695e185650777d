import { describe, expect, it } from 'vitest';
import { readPod, type PodReading, type PodView } from '../../../src/core/pod/pod-view.ts';

const empty: PodView = {
  annotations: {},
  serviceAccountName: 'default',
  images: [],
  hasPullSecretList: false,
  pullSecretNames: [],
};

function pod(view: Partial<PodView>): PodReading {
  return { kind: 'pod', pod: { ...empty, ...view } };
}

describe('readPod', () => {
  it('collects the images of every kind, in order, each once', () => {
    const object = {
      spec: {
        containers: [{ image: 'app' }, { image: 'init' }],
        initContainers: [{ image: 'init' }],
        ephemeralContainers: [{ image: 'debug' }],
        volumes: [{ image: { reference: 'model', pullPolicy: 'Always' } }, { emptyDir: {} }],
      },
    };
    expect(readPod(object)).toEqual(pod({ images: ['init', 'app', 'debug', 'model'] }));
  });

  it.each<[string, unknown, PodReading]>([
    ['an empty spec', { spec: {} }, pod({})],
    ['null where lists are', { spec: { containers: null, volumes: null, imagePullSecrets: null } }, pod({})],
    ['an empty list', { spec: { imagePullSecrets: [] } }, pod({ hasPullSecretList: true })],
    [
      'nameless and repeated entries',
      { spec: { imagePullSecrets: [{}, { name: 'a' }, { name: 'a' }, null, 3, { name: 7 }] } },
      pod({ hasPullSecretList: true, pullSecretNames: ['a', 'a'] }),
    ],
    ['containers of other shapes', { spec: { containers: [1, null, 'x', [], { image: 5 }, { image: '' }] } }, pod({})],
    ['containers that are no list', { spec: { containers: { image: 'x' } } }, pod({})],
    [
      'the annotations that mean something to it',
      {
        metadata: { annotations: { 'pullkeeper.dev/inject': 'always', other: 'x' } },
        spec: { serviceAccountName: 'sa' },
      },
      pod({ annotations: { 'pullkeeper.dev/inject': 'always' }, serviceAccountName: 'sa' }),
    ],
    ['annotations of other shapes', { metadata: { annotations: { 'pullkeeper.dev/inject': 1 } }, spec: {} }, pod({})],
    ['no object', null, { kind: 'malformed', sentence: 'request.object is not an object' }],
    ['no spec', { metadata: {} }, { kind: 'malformed', sentence: 'request.object.spec is not an object' }],
    [
      'a pull secret list that is none',
      { spec: { imagePullSecrets: 'x' } },
      { kind: 'malformed', sentence: 'spec.imagePullSecrets is not a list' },
    ],
  ])('reads %s', (_title, object, expected) => {
    expect(readPod(object)).toEqual(expected);
  });
});
