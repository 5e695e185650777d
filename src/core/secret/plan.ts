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
      readonly code: 'up-to-date' | 'not-enabled' | 'namespace-gone' | 'namespace-terminating';
      readonly sentence: string;
    }
  /** Nothing now, and again later: something else must end first. */
  | { readonly action: 'wait'; readonly code: 'being-deleted'; readonly sentence: string }
  | { readonly action: 'conflict'; readonly code: 'foreign-secret'; readonly sentence: string };

export interface PlanInput {
  /** Undefined: the namespace is not there (any more). */
  readonly namespace: { readonly deleting: boolean; readonly enabled: boolean } | undefined;
  readonly desired: DesiredContent;
  readonly live: LiveSecret | undefined;
}

/**
 * The one place that says what becomes of a managed Secret. The first row that holds decides:
 *
 * | #  | namespace   | Secret of that name                     | plan                          |
 * |----|-------------|-----------------------------------------|-------------------------------|
 * | 1  | gone        | any                                     | leave namespace-gone          |
 * | 2  | terminating | any                                     | leave namespace-terminating   |
 * | 3  | not enabled | none, or not ours                       | leave not-enabled             |
 * | 4  | not enabled | ours, being deleted                     | leave not-enabled             |
 * | 5  | not enabled | ours                                    | delete not-enabled            |
 * | 6  | enabled     | none                                    | create missing                |
 * | 7  | enabled     | not ours                                | conflict foreign-secret       |
 * | 8  | enabled     | ours, being deleted                     | wait being-deleted            |
 * | 9  | enabled     | ours, of another type                   | replace wrong-type            |
 * | 10 | enabled     | ours, immutable                         | replace immutable             |
 * | 11 | enabled     | ours, holds what it should              | leave up-to-date              |
 * | 12 | enabled     | ours, not what its own hash says        | update edited                 |
 * | 13 | enabled     | ours, another content or annotations    | update content-changed        |
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
  if (live === undefined) return { action: 'create', code: 'missing', sentence: 'the managed Secret is missing' };
  if (!live.owned) {
    return {
      action: 'conflict',
      code: 'foreign-secret',
      sentence: "a Secret of that name is there and does not bear pullkeeper.dev/managed=true: it is somebody else's",
    };
  }
  if (live.deleting) {
    return { action: 'wait', code: 'being-deleted', sentence: 'the Secret is being deleted; a finalizer holds it' };
  }
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
  const same =
    live.contentHash === desired.hash &&
    live.hashAnnotation === desired.hash &&
    live.sourcesAnnotation === desired.sources;
  if (same) return leave('up-to-date', 'the Secret holds what it should');
  return live.contentHash === live.hashAnnotation
    ? { action: 'update', code: 'content-changed', sentence: 'the sources have changed', live }
    : { action: 'update', code: 'edited', sentence: 'the Secret was edited by somebody else', live };
}

function leave(code: Extract<Plan, { action: 'leave' }>['code'], sentence: string): Plan {
  return { action: 'leave', code, sentence };
}
