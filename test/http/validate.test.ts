import { describe, expect, it } from 'vitest';
import { refuseEntry } from '../../src/core/sources/refusal.ts';
import { readScope } from '../../src/core/sources/scope.ts';
import type { Source } from '../../src/core/sources/source.ts';
import { warnNoScope } from '../../src/core/sources/source-warning.ts';
import type { AdmissionRequest } from '../../src/http/admission-review.ts';
import { validateSource, type ValidateOutcome } from '../../src/http/validate.ts';

const none: Source = { name: 's', scope: { kind: 'none' }, entries: [], refusals: [], warnings: [] };
const everywhere: Source = { ...none, scope: readScope({ 'pullkeeper.dev/namespaces': '*' }).scope };
const bad = [refuseEntry('key-port', 'a:*', 'first problem'), refuseEntry('key-scheme', 'oci://b', 'second problem')];

function request(overrides: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: 'u',
    kind: { group: '', version: 'v1', kind: 'Secret' },
    subResource: '',
    operation: 'CREATE',
    namespace: 'pullkeeper-system',
    name: 's',
    dryRun: false,
    object: { metadata: {} },
    ...overrides,
  };
}

function allowed(code: ValidateOutcome['code'], warnings: readonly string[] = []): ValidateOutcome {
  return { code, answer: { allowed: true, warnings, auditAnnotations: { decision: code } } };
}

const deleting = { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } };

const withData = (bytes: number) => ({
  metadata: {},
  data: { one: Buffer.alloc(1000).toString('base64'), other: Buffer.alloc(bytes - 1000).toString('base64') },
});
const annotated = (bytes: number) => ({ metadata: { annotations: { 'example.com/x': 'x'.repeat(bytes - 13) } } });

/** The rows of the table in validate.ts. */
const ROWS: readonly (readonly [string, Partial<AdmissionRequest>, Source, ValidateOutcome])[] = [
  [
    '1, another kind',
    { kind: { group: '', version: 'v1', kind: 'Pod' } },
    { ...everywhere, refusals: bad },
    allowed('not-a-secret'),
  ],
  ['1, another operation', { operation: 'DELETE' }, { ...everywhere, refusals: bad }, allowed('not-a-secret')],
  ['1, no object', { object: null }, { ...everywhere, refusals: bad }, allowed('not-a-secret')],
  ['1, no metadata', { object: { metadata: 'x' } }, { ...everywhere, refusals: bad }, allowed('not-a-secret')],
  ['2', { operation: 'UPDATE', object: deleting }, { ...everywhere, refusals: bad }, allowed('being-deleted')],
  ['3, its data', { object: withData(1024 * 1024 + 1) }, { ...everywhere, refusals: bad }, allowed('too-large')],
  ['3, annotations', { object: annotated(256 * 1024 + 1) }, { ...everywhere, refusals: bad }, allowed('too-large')],
  ['6, as large as can be', { object: withData(1024 * 1024) }, everywhere, allowed('accepted')],
  ['6, annotated as much as can be', { object: annotated(256 * 1024) }, everywhere, allowed('accepted')],
  [
    '4',
    {},
    { ...none, refusals: bad, warnings: [warnNoScope()] },
    allowed('not-a-source', [
      `pullkeeper: annotations: ${warnNoScope().sentence}`,
      'pullkeeper: a:*: first problem',
      'pullkeeper: oci://b: second problem',
    ]),
  ],
  [
    '5',
    { operation: 'UPDATE' },
    { ...everywhere, refusals: bad },
    {
      code: 'refused',
      answer: {
        allowed: false,
        message: "this Secret cannot be a source of Pullkeeper's: a:*: first problem; oci://b: second problem",
        warnings: [],
        auditAnnotations: { decision: 'refused' },
      },
    },
  ],
  [
    '6',
    {},
    { ...everywhere, warnings: [{ code: 'path-boundary', where: 'ghcr.io/acme', sentence: 'a prefix' }] },
    allowed('accepted', ['pullkeeper: ghcr.io/acme: a prefix']),
  ],
];

describe('validateSource', () => {
  it.each(ROWS)('row %s', (_title, overrides, source, expected) => {
    expect(validateSource(request(overrides), () => source)).toEqual(expected);
  });

  it('tells a hundred problems of a source that has thousands, and how many more there are', () => {
    const refusals = Array.from({ length: 5000 }, (_, i) => refuseEntry('key-port', `r${i}.io:*`, 'wrong'));
    const { answer } = validateSource(request(), () => ({ ...everywhere, refusals }));
    expect(answer.message).toMatch(/; r99\.io:\*: wrong; and 4900 more$/);
    const unscoped = validateSource(request(), () => ({ ...none, refusals }));
    expect(unscoped.answer.warnings).toHaveLength(101);
    expect(unscoped.answer.warnings?.at(-1)).toBe('pullkeeper: and 4900 more');
  });
});
