import { describe, expect, it } from 'vitest';
import { findFault } from '../../../tools/fuzz-reviews/judge.ts';
import { buildRequest, makeCase } from '../../../tools/fuzz-reviews/review-case.ts';

const SPEC = { imagePullSecrets: [{ name: 'mine' }], containers: [] };
const REQUEST = {
  path: '/mutate',
  body: Buffer.from(JSON.stringify({ request: { uid: 'u', object: { spec: SPEC } } })),
} as const;

function answer(response: Readonly<Record<string, unknown>>, patch?: unknown) {
  const patched = patch === undefined ? {} : { patchType: 'JSONPatch', patch: btoa(JSON.stringify(patch)) };
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'u', allowed: true, ...patched, ...response },
  };
  return { status: 200, body: JSON.stringify(review) };
}

const append = { op: 'add', path: '/spec/imagePullSecrets/-', value: { name: 'pullkeeper' } };

describe('findFault', () => {
  it('finds none in a review whose patch applies, nor in a 4xx that says what is wrong', () => {
    expect(findFault(REQUEST, answer({}))).toBeUndefined();
    expect(findFault(REQUEST, answer({}, [append]))).toBeUndefined();
    expect(findFault(REQUEST, { status: 400, body: '{"error":{"code":"c","message":"m"}}' })).toBeUndefined();
  });

  it.each<[string, ReturnType<typeof answer>]>([
    ['the status is 503', { status: 503, body: '{"error":{"code":"c","message":"m"}}' }],
    ['a 400 that does not say what is wrong', { status: 400, body: 'no' }],
    ['it is no AdmissionReview', { status: 200, body: '{}' }],
    ['its uid is not the one of the request', answer({ uid: 'v' })],
    ['a Pod was denied', answer({ allowed: false })],
    ['a warning or an audit annotation is no text or too long', answer({ warnings: ['w'.repeat(257)] })],
    ['its patch does not apply', answer({}, [{ ...append, path: '/spec/none/-' }])],
    ['its patch does not add one entry', answer({}, [])],
    ['its patch adds another entry than the reference', answer({}, [{ ...append, value: { name: 'other' } }])],
    [
      'its patch changes an entry that was there',
      answer({}, [
        { ...append, path: '/spec/imagePullSecrets/0' },
        { op: 'remove', path: '/spec/imagePullSecrets/1' },
        append,
      ]),
    ],
    ['its patch changes something else', answer({}, [append, { op: 'add', path: '/spec/hostNetwork', value: true }])],
  ])('says that %s', (fault, response) => {
    expect(findFault(REQUEST, response)).toBe(fault);
  });

  it('is asked of cases that come again with the same seed, and differ otherwise', () => {
    const bodies = (seed: number) =>
      Array.from({ length: 50 }, (_, number) => buildRequest(makeCase(seed, number)).body.toString('latin1'));
    expect(bodies(7)).toEqual(bodies(7));
    expect(new Set(bodies(7)).size).toBeGreaterThan(30);
    expect(bodies(8)).not.toEqual(bodies(7));
  });
});
