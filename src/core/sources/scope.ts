// Where a source may go: annotations `pullkeeper.dev/namespaces` and `pullkeeper.dev/namespace-selector`.

import { displayText } from './display.ts';
import { matchesSelector, parseSelector, type LabelSelector } from './label-selector.ts';
import { matchesGlob, readNamespacePatterns, type NamespacePatterns } from './namespace-patterns.ts';
import { refuseScope, type Refusal } from './refusal.ts';

export const NAMESPACES_ANNOTATION = 'pullkeeper.dev/namespaces';
export const SELECTOR_ANNOTATION = 'pullkeeper.dev/namespace-selector';

/** What a scope looks at. The same object asked of again is answered faster; the answer depends on its content alone. */
export interface LabelledNamespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Where a source may go. 'none': neither annotation, so it is no source. 'refused': it may go nowhere new. */
export type ScopeResult = Scope | { readonly kind: 'none' } | { readonly kind: 'refused' };

export interface Scope {
  readonly kind: 'scope';
  /** Both annotations as written: two scopes of one text admit the same namespaces in the same ranks. */
  readonly text: string;
  /** Undefined without that annotation; of the two that are there, both must hold. */
  readonly patterns: NamespacePatterns | undefined;
  readonly selector: LabelSelector | undefined;
}

/** How closely a scope means a namespace: by name, by a glob, or as one of all (`*`, or a selector alone). */
export type ScopeRank = 'name' | 'glob' | 'any';

/** Reads the scope from a source's annotations; other annotations than `pullkeeper.dev/…` are not looked at. */
export function readScope(annotations: Readonly<Record<string, string>>): {
  readonly scope: ScopeResult;
  readonly refusals: readonly Refusal[];
} {
  const ours = Object.keys(annotations).filter((name) => name.toLowerCase().startsWith('pullkeeper.dev/'));
  if (ours.length === 0) return { scope: { kind: 'none' }, refusals: [] };

  const namespaces = ours.includes(NAMESPACES_ANNOTATION) ? annotations[NAMESPACES_ANNOTATION] : undefined;
  const selectorText = ours.includes(SELECTOR_ANNOTATION) ? annotations[SELECTOR_ANNOTATION] : undefined;
  const patterns = namespaces === undefined ? undefined : readNamespacePatterns(namespaces);
  const selector = selectorText === undefined ? undefined : readSelector(selectorText);

  const refusals = [
    ...ours.filter((name) => name !== NAMESPACES_ANNOTATION && name !== SELECTOR_ANNOTATION).map(refuseUnknown),
    ...(patterns?.kind === 'invalid'
      ? [refuseScope('namespaces-invalid', NAMESPACES_ANNOTATION, patterns.sentence)]
      : []),
    ...(selector?.kind === 'invalid' ? [refuseScope('selector-invalid', SELECTOR_ANNOTATION, selector.sentence)] : []),
  ];
  if (refusals.length > 0 || patterns?.kind === 'invalid' || selector?.kind === 'invalid') {
    return { scope: { kind: 'refused' }, refusals };
  }
  return {
    scope: {
      kind: 'scope',
      text: JSON.stringify([namespaces ?? null, selectorText ?? null]),
      patterns: patterns?.patterns,
      selector: selector?.selector,
    },
    refusals,
  };
}

/** The rank in which a scope admits a namespace, or undefined when it does not. */
export function admits(scope: ScopeResult, namespace: LabelledNamespace): ScopeRank | undefined {
  if (scope.kind !== 'scope') return undefined;
  const rank = scope.patterns === undefined ? 'any' : rankByName(scope.patterns, namespace.name);
  if (rank === undefined) return undefined;
  return scope.selector === undefined || matchesSelector(scope.selector, namespace.labels) ? rank : undefined;
}

function rankByName(patterns: NamespacePatterns, name: string): ScopeRank | undefined {
  if (patterns.names.has(name)) return 'name';
  if (patterns.globs.some((glob) => matchesGlob(glob, name))) return 'glob';
  return patterns.isEverywhere ? 'any' : undefined;
}

function readSelector(text: string): ReturnType<typeof parseSelector> {
  // To kubectl an empty selector is everything: here that is more likely a template's lost value, and would hand
  // a credential to all.
  if (text.trim() === '') {
    return {
      kind: 'invalid',
      sentence: 'it is empty: write a label selector, or "*" in pullkeeper.dev/namespaces for every enabled namespace',
    };
  }
  const result = parseSelector(text);
  if (result.kind === 'valid') return result;
  return {
    kind: 'invalid',
    sentence: `it is no label selector (${result.sentence}): write one as for kubectl -l, such as team=a or "env in (dev,test)"`,
  };
}

function refuseUnknown(name: string): Refusal {
  return refuseScope(
    'annotation-unknown',
    displayText(name),
    `a source knows no such annotation: write ${NAMESPACES_ANNOTATION} or ${SELECTOR_ANNOTATION}`,
  );
}
