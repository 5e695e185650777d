import { matchesSelector } from '../sources/label-selector.ts';
import type { Finding } from './finding.ts';
import type { Install, NamespaceFacts } from './facts.ts';

export type NamespaceCode =
  | 'enabled'
  | 'not-enabled'
  | 'never-enabled'
  | 'deleting'
  | 'missing'
  | 'seems-enabled'
  | 'unknown'
  | 'assumed-enabled';

/** Whether the webhook is called for Pods of the namespace. */
export type NamespaceState = Finding<NamespaceCode>;

/**
 * | # | namespace                   | excluded | its labels match | managed Secret there and ours | state           |
 * |---|-----------------------------|----------|------------------|-------------------------------|-----------------|
 * | 1 | any                         | yes      |                  |                               | never-enabled   |
 * | 2 | asked of files              |          |                  |                               | assumed-enabled |
 * | 3 | missing                     |          |                  |                               | missing         |
 * | 4 | read, being deleted         |          |                  |                               | deleting        |
 * | 5 | read                        |          | yes              |                               | enabled         |
 * | 6 | read                        |          | no               |                               | not-enabled     |
 * | 7 | could not be read           |          |                  | yes                           | seems-enabled   |
 * | 8 | could not be read           |          |                  | no, or not known              | unknown         |
 */
export function readNamespaceState(install: Install, facts: NamespaceFacts): NamespaceState {
  const { name, object, managed } = facts;
  if (install.excluded.has(name)) {
    return state(
      'never-enabled',
      `namespace ${name} is never enabled: what the cluster needs must not depend on Pullkeeper`,
    );
  }
  if (object.kind === 'offline')
    return state('assumed-enabled', `namespace ${name} is taken for enabled: no cluster was asked`);
  if (object.kind === 'missing') return state('missing', `there is no namespace ${name}`);
  if (object.kind === 'found') {
    if (object.value.deleting) return state('deleting', `namespace ${name} is being deleted`);
    return matchesSelector(install.selector, object.value.labels)
      ? state('enabled', `namespace ${name} is enabled (${install.selectorText})`)
      : state('not-enabled', `namespace ${name} is not enabled (its labels do not match ${install.selectorText})`);
  }
  return managed.kind === 'found' && managed.value.owned
    ? state(
        'seems-enabled',
        `namespace ${name} could not be read; it holds Pullkeeper's Secret, so it is enabled, or was a moment ago`,
      )
    : state('unknown', `whether namespace ${name} is enabled is not known: it could not be read`);
}

function state(code: NamespaceCode, sentence: string): NamespaceState {
  return { code, sentence };
}
