import { registryOf } from '../sources/docker-hub.ts';
import { admits, type LabelledNamespace } from '../sources/scope.ts';
import type { Source } from '../sources/source.ts';
import type { Origin } from './sources-annotation.ts';

/** A registry that a managed Secret goes on to hold although no source gives it now. */
export interface Kept extends Origin {
  /** 'refused': until its source is good again or drops it. 'removed': for the removal grace. */
  readonly why: 'refused' | 'removed';
}

export interface RetentionInput {
  /** What the live managed Secret holds and where from; empty when its content is not what we wrote. */
  readonly live: readonly Origin[];
  /** What the sources give this namespace now. */
  readonly given: readonly Origin[];
  readonly namespace: LabelledNamespace;
  readonly source: (name: string) => Source | undefined;
}

/**
 * What stays in a managed Secret although no source gives it any more. For each registry of the live Secret and the source
 * that it came from:
 *
 * | # | source               | its scope admits | the registry in it              | outcome                               |
 * |---|----------------------|------------------|---------------------------------|---------------------------------------|
 * | 1 | there                | yes              | given, from it                  | nothing to keep                       |
 * | 2 | there                | yes              | refused, or the whole source is | kept, refused                         |
 * | 3 | there                | yes              | gone from it                    | not kept: leaves at once              |
 * | 4 | there                | yes              | there, another source wins      | not kept: the other one's at once     |
 * | 5 | there                | no, or unreadable|                                 | kept, removed (for the grace)         |
 * | 6 | gone                 |                  |                                 | kept, removed (for the grace)         |
 *
 * A kept entry stands before what another source gives for the same registry: what was taken away by mistake comes back
 * without a change in between. Source: docs/operations.md.
 */
export function retain(input: RetentionInput): readonly Kept[] {
  const given = new Set(input.given.map(nameOrigin));
  const kept: Kept[] = [];
  for (const origin of input.live) {
    if (given.has(nameOrigin(origin))) continue;
    const source = input.source(origin.source);
    if (source === undefined || admits(source.scope, input.namespace) === undefined) {
      kept.push({ ...origin, why: 'removed' });
    } else if (isRefused(source, origin.key)) kept.push({ ...origin, why: 'refused' });
  }
  return kept;
}

function nameOrigin({ source, key }: Origin): string {
  return `${source} ${registryOf(key)}`;
}

function isRefused(source: Source, key: string): boolean {
  return source.refusals.some(
    (refusal) =>
      refusal.extent === 'source' ||
      (refusal.extent === 'entry' && refusal.key !== undefined && registryOf(refusal.key) === registryOf(key)),
  );
}
