import { INJECT, type PodView } from './pod-view.ts';

/** For an annotation that is legal and perhaps not meant: a sentence when its value is none that a Pod can have, else none. */
export function warnOfAnnotation({ annotations }: PodView): readonly string[] {
  const value = annotations[INJECT];
  if (value === undefined || value === 'always' || value === 'disabled') return [];
  return [`annotation ${INJECT} on a Pod knows the values always and disabled; this one has no effect`];
}
