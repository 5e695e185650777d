import { describe, expect, it } from 'vitest';
import { decide, type DecisionInput } from '../../../src/core/pod/decision.ts';
import { INJECT, MIRROR, type PodView } from '../../../src/core/pod/pod-view.ts';
import { inject, skip, type Decision } from '../../../src/core/pod/reasons.ts';

interface Row {
  readonly title: string;
  readonly mirror?: boolean;
  readonly pod?: 'disabled' | 'always' | 'other';
  readonly listed?: boolean;
  readonly strict?: boolean;
  readonly namespaceAlways?: boolean;
  readonly matches?: boolean;
  readonly expected: Decision;
}

function input(row: Row): DecisionInput {
  const pod: PodView = {
    annotations: {
      ...(row.mirror === true ? { [MIRROR]: 'hash' } : {}),
      ...(row.pod === undefined ? {} : { [INJECT]: row.pod }),
    },
    serviceAccountName: 'builder',
    images: ['public.example/a:v1', 'UPPER/case is invalid', 'registry.example/b:v1'],
    hasPullSecretList: row.listed === true,
    pullSecretNames: row.listed === true ? ['other', 'pullkeeper'] : [],
  };
  return {
    pod,
    secretName: 'pullkeeper',
    namespaceAlways: row.namespaceAlways === true,
    strictServiceAccount: row.strict === true,
    find: (name) => (row.matches === true && name === 'registry.example/b' ? [{ source: 'harbor' }] : []),
  };
}

/** The rows of the table in decision.ts, each with the columns to its right set against it, so that precedence is seen. */
const ROWS: readonly Row[] = [
  {
    title: '1',
    mirror: true,
    pod: 'disabled',
    listed: true,
    strict: true,
    namespaceAlways: true,
    matches: true,
    expected: skip.mirrorPod(),
  },
  {
    title: '2',
    pod: 'disabled',
    listed: true,
    strict: true,
    namespaceAlways: true,
    matches: true,
    expected: skip.optedOut(),
  },
  {
    title: '3',
    listed: true,
    strict: true,
    namespaceAlways: true,
    matches: true,
    expected: skip.alreadyListed('pullkeeper'),
  },
  {
    title: '4',
    strict: true,
    namespaceAlways: true,
    matches: true,
    expected: skip.strictAccount('builder', 'pullkeeper'),
  },
  {
    title: '5, always',
    namespaceAlways: true,
    matches: true,
    expected: inject.imageMatched('registry.example/b', 'harbor'),
  },
  { title: '5', matches: true, expected: inject.imageMatched('registry.example/b', 'harbor') },
  { title: '6, namespace', namespaceAlways: true, expected: inject.always() },
  { title: '6, Pod', pod: 'always', expected: inject.always() },
  { title: '7', expected: skip.noCredential() },
  { title: '7, a value without meaning', pod: 'other', expected: skip.noCredential() },
];

describe('decide', () => {
  it.each(ROWS)('row $title', (row) => {
    expect(decide(input(row))).toEqual(row.expected);
  });
});
