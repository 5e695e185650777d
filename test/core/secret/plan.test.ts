import { describe, expect, it } from 'vitest';
import type { DesiredContent, LiveSecret } from '../../../src/core/secret/managed-secret.ts';
import { planSecret, type Plan, type PlanInput } from '../../../src/core/secret/plan.ts';

const desired: DesiredContent = {
  dockerConfig: '{}',
  hash: 'new',
  sources: '{"a":["r"]}',
  excess: undefined,
};
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

const inGrace = { deleting: false, enabled: 'grace' } as const;
const unseen = { deleting: false, enabled: 'unseen' } as const;

interface Row {
  readonly row: string;
  readonly namespace: PlanInput['namespace'];
  readonly live?: LiveSecret;
  readonly tooLarge?: true;
  readonly expected: `${Plan['action']} ${Plan['code']}`;
}

/** The rows of the table in plan.ts. */
const ROWS: readonly Row[] = [
  { row: '1, a Secret', namespace: undefined, live: good, expected: 'leave namespace-gone' },
  { row: '1, none', namespace: undefined, expected: 'leave namespace-gone' },
  { row: '2', namespace: { deleting: true, enabled: true }, expected: 'leave namespace-terminating' },
  {
    row: '2, not enabled',
    namespace: { deleting: true, enabled: false },
    live: good,
    expected: 'leave namespace-terminating',
  },
  { row: '3, none', namespace: disabled, expected: 'leave not-enabled' },
  { row: '3, not ours', namespace: disabled, live: foreign, expected: 'leave not-enabled' },
  { row: '3, being deleted', namespace: disabled, live: { ...good, deleting: true }, expected: 'leave not-enabled' },
  { row: '4', namespace: disabled, live: good, expected: 'delete not-enabled' },
  { row: '5', namespace: unseen, live: { ...good, contentHash: 'old' }, expected: 'leave grace-unseen' },
  { row: '5, wrong type', namespace: unseen, live: { ...good, type: 'Opaque' }, expected: 'leave grace-unseen' },
  { row: '6', namespace: inGrace, expected: 'leave grace-without-secret' },
  { row: '7', namespace: enabled, live: foreign, tooLarge: true, expected: 'conflict foreign-secret' },
  { row: '7, in grace', namespace: inGrace, live: foreign, expected: 'conflict foreign-secret' },
  { row: '7 before 8', namespace: enabled, live: { ...foreign, deleting: true }, expected: 'conflict foreign-secret' },
  { row: '7 before 11', namespace: enabled, live: { ...foreign, type: 'Opaque' }, expected: 'conflict foreign-secret' },
  {
    row: '8',
    namespace: enabled,
    live: { ...good, deleting: true, type: 'Opaque' },
    tooLarge: true,
    expected: 'leave being-deleted',
  },
  { row: '9, none', namespace: enabled, tooLarge: true, expected: 'leave too-large' },
  {
    row: '9, ours',
    namespace: enabled,
    live: { ...good, type: 'Opaque' },
    tooLarge: true,
    expected: 'leave too-large',
  },
  { row: '10', namespace: enabled, expected: 'create missing' },
  { row: '11', namespace: enabled, live: { ...good, type: 'Opaque', immutable: true }, expected: 'replace wrong-type' },
  { row: '12', namespace: inGrace, live: { ...good, immutable: true }, expected: 'replace immutable' },
  { row: '15', namespace: enabled, live: good, expected: 'leave up-to-date' },
  { row: '15, in grace', namespace: inGrace, live: good, expected: 'leave up-to-date' },
  {
    row: '13',
    namespace: enabled,
    live: { ...good, contentHash: 'theirs', hashAnnotation: 'old' },
    expected: 'update edited',
  },
  { row: '13, emptied', namespace: enabled, live: { ...good, contentHash: undefined }, expected: 'update edited' },
  { row: '13, hash lost', namespace: enabled, live: { ...good, hashAnnotation: undefined }, expected: 'update edited' },
  {
    row: '13, sources',
    namespace: inGrace,
    live: { ...good, contentHash: 'hash of other sources', sourcesAnnotation: '{}' },
    expected: 'update edited',
  },
  { row: '14', namespace: enabled, live: { ...good, otherKeys: ['x'] }, expected: 'update edited' },
  {
    row: '16, content',
    namespace: enabled,
    live: { ...good, contentHash: 'old', hashAnnotation: 'old' },
    expected: 'update content-changed',
  },
  {
    row: '16, sources',
    namespace: inGrace,
    live: { ...good, contentHash: 'of others', hashAnnotation: 'of others', sourcesAnnotation: '{}' },
    expected: 'update content-changed',
  },
];

describe('planSecret', () => {
  it.each(ROWS)('row $row', ({ namespace, live, tooLarge, expected }) => {
    const plan = planSecret({
      namespace,
      desired: tooLarge === true ? { ...desired, excess: 'too much' } : desired,
      live,
    });
    expect(`${plan.action} ${plan.code}`).toBe(expected);
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
