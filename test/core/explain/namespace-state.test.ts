import { expect, it } from 'vitest';
import type { NamespaceFacts } from '../../../src/core/explain/facts.ts';
import { readNamespaceState } from '../../../src/core/explain/namespace-state.ts';
import { install, namespaceFacts, ours } from './facts.ts';

const unread = { kind: 'unread' } as const;
const missing = { kind: 'missing' } as const;
const foreign = { kind: 'found', value: { ...ours, owned: false } } as const;

// The rows of the table in namespace-state.ts.
const rows: readonly (readonly [row: string, changes: Partial<NamespaceFacts>, code: string, sentence: string])[] = [
  [
    '1',
    { name: 'kube-system' },
    'never-enabled',
    'namespace kube-system is never enabled: what the cluster needs must not depend on Pullkeeper',
  ],
  [
    '1, not read',
    { name: 'kube-system', object: unread },
    'never-enabled',
    'namespace kube-system is never enabled: what the cluster needs must not depend on Pullkeeper',
  ],
  ['2', { object: { kind: 'offline' } }, 'assumed-enabled', 'namespace tom is taken for enabled: no cluster was asked'],
  ['3', { object: missing }, 'missing', 'there is no namespace tom'],
  [
    '4',
    { object: { kind: 'found', value: { labels: { inject: 'yes' }, deleting: true } } },
    'deleting',
    'namespace tom is being deleted',
  ],
  ['5', {}, 'enabled', 'namespace tom is enabled (inject=yes)'],
  [
    '6',
    { object: { kind: 'found', value: { labels: {}, deleting: false } } },
    'not-enabled',
    'namespace tom is not enabled (its labels do not match inject=yes)',
  ],
  [
    '7',
    { object: unread },
    'seems-enabled',
    "namespace tom could not be read; it holds Pullkeeper's Secret, so it is enabled, or was a moment ago",
  ],
  [
    '8, foreign',
    { object: unread, managed: foreign },
    'unknown',
    'whether namespace tom is enabled is not known: it could not be read',
  ],
  [
    '8, missing',
    { object: unread, managed: missing },
    'unknown',
    'whether namespace tom is enabled is not known: it could not be read',
  ],
  [
    '8, not read',
    { object: unread, managed: unread },
    'unknown',
    'whether namespace tom is enabled is not known: it could not be read',
  ],
];

it.each(rows)('row %s', (_row, changes, code, sentence) => {
  expect(readNamespaceState(install, namespaceFacts(changes))).toEqual({ code, sentence });
});
