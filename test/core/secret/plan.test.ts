import { describe, expect, it } from 'vitest';
import type { DesiredContent, LiveSecret } from '../../../src/core/secret/managed-secret.ts';
import { planSecret, type Plan, type PlanInput } from '../../../src/core/secret/plan.ts';

const desired: DesiredContent = { dockerConfig: '{}', hash: 'new', sources: '{"a":["r"]}', registries: 1 };
const good: LiveSecret = {
  uid: 'u',
  resourceVersion: '7',
  owned: true,
  type: 'kubernetes.io/dockerconfigjson',
  immutable: false,
  deleting: false,
  contentHash: 'new',
  hashAnnotation: 'new',
  sourcesAnnotation: '{"a":["r"]}',
};
const enabled = { deleting: false, enabled: true };
const disabled = { deleting: false, enabled: false };
const foreign = { ...good, owned: false };

const ROWS: readonly (readonly [
  string,
  PlanInput['namespace'],
  LiveSecret | undefined,
  Pick<Plan, 'action' | 'code'>,
])[] = [
  ['1 with a Secret', undefined, good, { action: 'leave', code: 'namespace-gone' }],
  ['1 without', undefined, undefined, { action: 'leave', code: 'namespace-gone' }],
  ['2', { deleting: true, enabled: true }, undefined, { action: 'leave', code: 'namespace-terminating' }],
  ['2, not enabled', { deleting: true, enabled: false }, good, { action: 'leave', code: 'namespace-terminating' }],
  ['3, none', disabled, undefined, { action: 'leave', code: 'not-enabled' }],
  ['3, foreign', disabled, foreign, { action: 'leave', code: 'not-enabled' }],
  ['4', disabled, { ...good, deleting: true }, { action: 'leave', code: 'not-enabled' }],
  ['5', disabled, good, { action: 'delete', code: 'not-enabled' }],
  ['6', enabled, undefined, { action: 'create', code: 'missing' }],
  ['7', enabled, foreign, { action: 'conflict', code: 'foreign-secret' }],
  ['7 before 8', enabled, { ...foreign, deleting: true }, { action: 'conflict', code: 'foreign-secret' }],
  ['7 before 9', enabled, { ...foreign, type: 'Opaque' }, { action: 'conflict', code: 'foreign-secret' }],
  ['8 before 9', enabled, { ...good, deleting: true, type: 'Opaque' }, { action: 'wait', code: 'being-deleted' }],
  ['9 before 10', enabled, { ...good, type: 'Opaque', immutable: true }, { action: 'replace', code: 'wrong-type' }],
  ['10', enabled, { ...good, immutable: true }, { action: 'replace', code: 'immutable' }],
  ['11', enabled, good, { action: 'leave', code: 'up-to-date' }],
  [
    '12, edited',
    enabled,
    { ...good, contentHash: 'theirs', hashAnnotation: 'old' },
    { action: 'update', code: 'edited' },
  ],
  ['12, emptied', enabled, { ...good, contentHash: undefined }, { action: 'update', code: 'edited' }],
  ['12, hash lost', enabled, { ...good, hashAnnotation: undefined }, { action: 'update', code: 'edited' }],
  [
    '13, content',
    enabled,
    { ...good, contentHash: 'old', hashAnnotation: 'old' },
    { action: 'update', code: 'content-changed' },
  ],
  ['13, sources', enabled, { ...good, sourcesAnnotation: '{}' }, { action: 'update', code: 'content-changed' }],
];

describe('planSecret', () => {
  it.each(ROWS)('row %s', (_title, namespace, live, expected) => {
    expect(planSecret({ namespace, desired, live })).toMatchObject(expected);
  });

  it('carries the Secret that was seen where it writes over one', () => {
    const live = { ...good, contentHash: 'old', hashAnnotation: 'old' };
    expect(planSecret({ namespace: enabled, desired, live })).toEqual({
      action: 'update',
      code: 'content-changed',
      sentence: 'the sources have changed',
      live,
    });
  });
});
