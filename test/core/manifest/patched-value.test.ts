import { applyPatch } from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { patchValue } from '../../../src/core/manifest/patched-value.ts';
import { addPullSecret } from '../../../src/core/pod/patch.ts';

describe('patchValue', () => {
  it.each([
    ['a missing list', {}, false],
    ['null', { imagePullSecrets: null }, false],
    ['an empty list', { imagePullSecrets: [] }, true],
    ['a list', { imagePullSecrets: [{ name: 'own' }, {}] }, true],
  ])('patches %s as fast-json-patch does', (_title, spec, hasPullSecretList) => {
    const pod = { metadata: { name: 'a' }, spec: { ...spec, containers: [] } };
    const patch = addPullSecret({ hasPullSecretList }, 'pullkeeper');
    const before = structuredClone(pod);
    const patched = patchValue({ items: [1, { template: pod }] }, ['items', 1, 'template'], patch);
    const expected: unknown = applyPatch(structuredClone(pod), structuredClone(patch), true, true).newDocument;
    expect(patched).toEqual({ items: [1, { template: expected }] });
    expect(pod).toEqual(before);
  });

  it('changes what stands in two places in one of them', () => {
    const spec = { containers: [] };
    const document = { items: [{ spec }, { spec }] };
    expect(patchValue(document, ['items', 1], addPullSecret({ hasPullSecretList: false }, 'x'))).toEqual({
      items: [{ spec: { containers: [] } }, { spec: { containers: [], imagePullSecrets: [{ name: 'x' }] } }],
    });
  });

  it('gives the value back without a patch', () => {
    const document = { a: 1 };
    expect(patchValue(document, ['a'], [])).toBe(document);
  });
});
