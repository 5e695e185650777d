import { MANAGED_TYPE, type DesiredContent, type LiveSecret } from './managed-secret.ts';

/** What to do about one namespace's managed Secret, and why. `code` is for metrics, `sentence` for people. */
export type Plan =
  | { readonly action: 'create'; readonly code: 'missing'; readonly sentence: string }
  | {
      readonly action: 'update';
      readonly code: 'content-changed' | 'edited';
      readonly sentence: string;
      readonly live: LiveSecret;
    }
  | {
      readonly action: 'replace';
      readonly code: 'wrong-type' | 'immutable';
      readonly sentence: string;
      readonly live: LiveSecret;
    }
  | { readonly action: 'delete'; readonly code: 'not-enabled'; readonly sentence: string; readonly live: LiveSecret }
  | {
      readonly action: 'leave';
      readonly code:
        | 'up-to-date'
        | 'not-enabled'
        | 'namespace-gone'
        | 'namespace-terminating'
        | 'being-deleted'
        | 'too-large'
        | 'grace-without-secret'
        | 'grace-unseen';
      readonly sentence: string;
    }
  | { readonly action: 'conflict'; readonly code: 'foreign-secret'; readonly sentence: string };

export interface PlanInput {
  /**
   * Undefined: the namespace is not there (any more). 'grace': no longer enabled, for less than the removal grace. 'unseen':
   * not enabled for less than that in our eyes, and whether it ever was we did not see.
   */
  readonly namespace: { readonly deleting: boolean; readonly enabled: boolean | 'grace' | 'unseen' } | undefined;
  readonly desired: DesiredContent;
  readonly live: LiveSecret | undefined;
}

/**
 * The one place that says what becomes of a managed Secret. The first row that holds decides:
 *
 * | #  | namespace         | what it should hold | Secret of that name              | plan                        |
 * |----|-------------------|---------------------|----------------------------------|-----------------------------|
 * | 1  | gone              |                     | any                              | leave namespace-gone        |
 * | 2  | terminating       |                     | any                              | leave namespace-terminating |
 * | 3  | not enabled       |                     | none, not ours, or being deleted | leave not-enabled           |
 * | 4  | not enabled       |                     | ours                             | delete not-enabled          |
 * | 5  | unseen            |                     | any                              | leave grace-unseen          |
 * | 6  | in grace          |                     | none                             | leave grace-without-secret  |
 * | 7  | enabled, in grace |                     | not ours                         | conflict foreign-secret     |
 * | 8  | enabled, in grace |                     | ours, being deleted              | leave being-deleted         |
 * | 9  | enabled, in grace | too much for one    | none, or ours                    | leave too-large             |
 * | 10 | enabled           |                     | none                             | create missing              |
 * | 11 | enabled, in grace |                     | ours, of another type            | replace wrong-type          |
 * | 12 | enabled, in grace |                     | ours, immutable                  | replace immutable           |
 * | 13 | enabled, in grace |                     | ours, not what its own hash says | update edited               |
 * | 14 | enabled, in grace |                     | ours, with other data keys       | update edited               |
 * | 15 | enabled, in grace |                     | ours, holds what it should       | leave up-to-date            |
 * | 16 | enabled, in grace |                     | ours, another content or sources | update content-changed      |
 *
 * Source: the table in docs/operations.md.
 */
export function planSecret({ namespace, desired, live }: PlanInput): Plan {
  if (namespace === undefined) return leave('namespace-gone', 'the namespace is gone');
  if (namespace.deleting) return leave('namespace-terminating', 'the namespace is being deleted, and all in it');
  if (!namespace.enabled) {
    if (live === undefined || !live.owned || live.deleting) return leave('not-enabled', 'the namespace is not enabled');
    return { action: 'delete', code: 'not-enabled', sentence: 'the namespace is no longer enabled', live };
  }
  if (namespace.enabled === 'unseen') {
    return leave('grace-unseen', 'the namespace is not enabled: what its Secret holds stays for the removal grace');
  }
  if (live === undefined && namespace.enabled === 'grace') {
    return leave('grace-without-secret', 'the namespace is no longer enabled and has no Secret');
  }
  if (live !== undefined && !live.owned) {
    return {
      action: 'conflict',
      code: 'foreign-secret',
      sentence: "a Secret of that name is there and does not bear pullkeeper.dev/managed=true: it is somebody else's",
    };
  }
  if (live?.deleting === true) return leave('being-deleted', 'the Secret is being deleted; a finalizer holds it');
  if (desired.excess !== undefined) return leave('too-large', desired.excess);
  if (live === undefined) return { action: 'create', code: 'missing', sentence: 'the managed Secret is missing' };
  if (live.type !== MANAGED_TYPE) {
    return { action: 'replace', code: 'wrong-type', sentence: `the Secret is not of type ${MANAGED_TYPE}`, live };
  }
  if (live.immutable) {
    return {
      action: 'replace',
      code: 'immutable',
      sentence: 'the Secret was made immutable: it could not follow',
      live,
    };
  }
  if (live.contentHash !== live.hashAnnotation || live.otherKeys !== undefined) {
    return { action: 'update', code: 'edited', sentence: 'the Secret was edited by somebody else', live };
  }
  return live.contentHash === desired.hash
    ? leave('up-to-date', 'the Secret holds what it should')
    : { action: 'update', code: 'content-changed', sentence: 'the sources have changed', live };
}

function leave(code: Extract<Plan, { action: 'leave' }>['code'], sentence: string): Plan {
  return { action: 'leave', code, sentence };
}
