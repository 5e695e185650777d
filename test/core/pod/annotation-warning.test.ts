import { expect, it } from 'vitest';
import { warnOfAnnotation } from '../../../src/core/pod/annotation-warning.ts';
import { readPod } from '../../../src/core/pod/pod-view.ts';

const SENTENCE =
  'annotation pullkeeper.dev/inject on a Pod knows the values always and disabled; this one has no effect';

it.each([
  [undefined, []],
  ['always', []],
  ['disabled', []],
  // A namespace's value, and as somebody may spell one.
  ['enabled', [SENTENCE]],
  ['Disabled', [SENTENCE]],
  ['', [SENTENCE]],
])('of the annotation %j: %j', (value, sentences) => {
  const annotations = value === undefined ? {} : { 'pullkeeper.dev/inject': value };
  const reading = readPod({ metadata: { annotations }, spec: { containers: [] } });
  expect(reading.kind === 'pod' ? warnOfAnnotation(reading.pod) : reading).toEqual(sentences);
});
