import { describe, expect, it } from 'vitest';
import { createPodKeyring, type ListedContent, type ListedSecret } from '../../../src/core/explain/pod-keyring.ts';

const KEY = { rawKey: 'foo.io', key: 'foo.io', source: undefined };
const MATCHING: ListedContent = { kind: 'keys', keys: [KEY] };
const OTHER: ListedContent = { kind: 'keys', keys: [{ ...KEY, rawKey: 'bar.io', key: 'bar.io' }] };
const BROKEN: ListedContent = { kind: 'broken' };
const UNKNOWN: ListedContent = { kind: 'unknown' };
const NOTHING: ListedContent = { kind: 'nothing' };

/** The rows of the table in pod-keyring.ts, each with the columns to its right set against it, so that precedence is seen. */
const ROWS: readonly (readonly [string, Readonly<Record<string, ListedContent>>, readonly string[], string, string])[] =
  [
    [
      '1',
      { a: MATCHING, b: BROKEN, c: UNKNOWN },
      ['the list'],
      'secret-broken',
      'every pull of the Pod fails: the kubelet cannot decode Secret b',
    ],
    [
      '2, a Secret not known',
      { a: UNKNOWN, b: MATCHING },
      [],
      'credential-uncertain',
      'the kubelet tries the credential for foo.io in Secret b, perhaps after another: not known is what Secret a holds',
    ],
    [
      '2, the list not known',
      { b: MATCHING },
      ['the list'],
      'credential-uncertain',
      'the kubelet tries the credential for foo.io in Secret b, perhaps after another: not known is the list',
    ],
    ['3', { a: MATCHING }, [], 'credential', 'the kubelet uses the credential for foo.io in Secret a'],
    [
      '3, several',
      { a: MATCHING, b: MATCHING },
      [],
      'credential',
      'the kubelet first tries the credential for foo.io in Secret a, then 1 more',
    ],
    [
      '4',
      { a: OTHER, b: UNKNOWN },
      ['the list'],
      'unknown',
      'no credential is in what could be read, but not known is what Secret b holds, and the list',
    ],
    [
      '4, an empty list',
      {},
      ['the list'],
      'unknown',
      'no credential is in what could be read, but not known is the list',
    ],
    [
      '5',
      {},
      [],
      'no-pull-secret',
      'the Pod has no pull Secret: the kubelet pulls without a credential, unless its node has one',
    ],
    [
      '6',
      { a: OTHER, b: NOTHING },
      [],
      'no-match',
      "no key of the Pod's pull Secrets matches: the kubelet pulls without a credential, unless its node has one",
    ],
  ];

describe('what the kubelet would do about an image', () => {
  it.each(ROWS)('row %s', (_row, contents, doubts, code, sentence) => {
    const secrets = Object.entries(contents).map(([name, content]): ListedSecret => ({ name, content }));
    expect(createPodKeyring(secrets, doubts).judge('foo.io/app')).toEqual({ code, sentence });
  });
});
