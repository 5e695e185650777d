// Facts for tests, of which each changes what it is about.

import type { Install, ManagedSecret, NamespaceFacts } from '../../../src/core/explain/facts.ts';
import { parseSelector, type LabelSelector } from '../../../src/core/sources/label-selector.ts';

export const install: Install = {
  secretName: 'pullkeeper',
  ownNamespace: 'pullkeeper-system',
  selector: selectorOf('inject=yes'),
  selectorText: 'inject=yes',
  excluded: new Set(['kube-system']),
};

export const ours: ManagedSecret = {
  owned: true,
  deleting: false,
  content: { kind: 'keys', keys: [{ rawKey: 'quay.io', key: 'quay.io' }] },
  sources: new Map([['quay.io', 'quay']]),
  createdAt: '2026-03-01T12:00:00Z',
};

export function namespaceFacts(changes: Partial<NamespaceFacts> = {}): NamespaceFacts {
  return {
    name: 'tom',
    object: { kind: 'found', value: { labels: { inject: 'yes' }, deleting: false } },
    sources: { kind: 'found', value: [] },
    managed: { kind: 'found', value: ours },
    ...changes,
  };
}

function selectorOf(text: string): LabelSelector {
  const result = parseSelector(text);
  if (result.kind === 'invalid') throw new Error(result.sentence);
  return result.selector;
}
