import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { readPodImages } from '../../../src/core/explain/pod-images.ts';
import { readPod } from '../../../src/core/pod/pod-view.ts';

it('says what uses an image, and why the kubelet waits with it', () => {
  const pod = {
    spec: {
      initContainers: [{ name: 'migrate', image: 'app' }],
      containers: [{ name: 'web', image: 'app' }, { name: 'side', image: 'side' }, { image: 'nameless' }],
      ephemeralContainers: [{ name: 'debugger', image: 'busybox' }],
      volumes: [
        { name: 'model', image: { reference: 'model' } },
        { name: 'tmp', emptyDir: {} },
      ],
    },
    status: {
      initContainerStatuses: [{ name: 'migrate', state: { terminated: {} } }],
      containerStatuses: [
        { name: 'web', state: { waiting: { reason: 'ImagePullBackOff', message: 'secret' } } },
        { name: 'side', state: { waiting: { reason: 'ContainerCreating' } } },
      ],
    },
  };
  expect(readPodImages(pod)).toEqual([
    { image: 'app', usedBy: ['init container migrate', 'container web'], waiting: 'ImagePullBackOff' },
    { image: 'side', usedBy: ['container side'], waiting: undefined },
    { image: 'nameless', usedBy: [], waiting: undefined },
    { image: 'busybox', usedBy: ['ephemeral container debugger'], waiting: undefined },
    { image: 'model', usedBy: ['volume model'], waiting: undefined },
  ]);
});

it('lists the images that admission looks at, in its order, whatever the Pod looks like', () => {
  const image = fc.constantFrom<unknown>('a', 'b', 'c', '', 7, null, undefined);
  const list = fc.oneof(
    fc.array(fc.oneof(fc.record({ name: fc.constant('c'), image }), fc.constant(7))),
    fc.constant('x'),
  );
  const volumes = fc.array(
    fc.record({ name: fc.constant('v'), image: fc.oneof(fc.record({ reference: image }), image) }),
  );
  const spec = fc.record({ initContainers: list, containers: list, ephemeralContainers: list, volumes });
  fc.assert(
    fc.property(spec, (given) => {
      const reading = readPod({ spec: given });
      expect(readPodImages({ spec: given }).map((each) => each.image)).toEqual(
        reading.kind === 'pod' ? reading.pod.images : undefined,
      );
    }),
  );
});
