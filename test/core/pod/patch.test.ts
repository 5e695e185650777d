import jsonPatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { addPullSecret } from '../../../src/core/pod/patch.ts';
import { readPod } from '../../../src/core/pod/pod-view.ts';

function patched(pod: { spec: Record<string, unknown> }): unknown {
  const reading = readPod(pod);
  if (reading.kind !== 'pod') throw new Error(reading.sentence);
  const operations = addPullSecret(reading.pod, 'pullkeeper');
  return jsonPatch.applyPatch(structuredClone(pod), structuredClone(operations) as jsonPatch.Operation[], true, false)
    .newDocument;
}

describe('addPullSecret', () => {
  it.each([
    ['no list', {}, [{ name: 'pullkeeper' }]],
    ['null', { imagePullSecrets: null }, [{ name: 'pullkeeper' }]],
    ['an empty list', { imagePullSecrets: [] }, [{ name: 'pullkeeper' }]],
    ['a list', { imagePullSecrets: [{ name: 'a' }, {}] }, [{ name: 'a' }, {}, { name: 'pullkeeper' }]],
  ])('appends to %s and touches nothing else', (_title, spec, expected) => {
    const pod = { spec: { containers: [{ name: 'c', image: 'x' }], ...spec } };
    expect(patched(pod)).toEqual({ spec: { ...pod.spec, imagePullSecrets: expected } });
  });
});
