import type { Credentials } from './truth.ts';

/** What a day changes, and what each managed Secret should hold at its end. Knows nothing of the program's own rules' code. */
export interface DayModel {
  readonly namespaces: Map<string, { enabled: boolean; tier: 'gold' | 'silver' }>;
  readonly sources: Map<string, ModelSource>;
  expected(): ReadonlyMap<string, Credentials | undefined>;
}

export interface ModelSource {
  registry: string;
  password: string;
  scope: ModelScope;
}

export type ModelScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'glob'; readonly prefix: string }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'tier'; readonly tier: 'gold' | 'silver' };

export function createDayModel(): DayModel {
  const namespaces: DayModel['namespaces'] = new Map();
  const sources: DayModel['sources'] = new Map();

  function holds(name: string, tier: string): Credentials {
    const best = new Map<string, { rank: number; source: string; password: string }>();
    for (const [source, { registry, password, scope }] of sources) {
      const rank = rankOf(scope, name, tier);
      const before = best.get(registry);
      const wins =
        before === undefined || (rank ?? 9) < before.rank || (rank === before.rank && source < before.source);
      if (rank !== undefined && wins) best.set(registry, { rank, source, password });
    }
    return Object.fromEntries([...best].map(([registry, { password }]) => [registry, `puller:${password}`]));
  }

  return {
    namespaces,
    sources,
    expected: () =>
      new Map([...namespaces].map(([name, { enabled, tier }]) => [name, enabled ? holds(name, tier) : undefined])),
  };
}

function rankOf(scope: ModelScope, name: string, tier: string): number | undefined {
  if (scope.kind === 'names') return scope.names.includes(name) ? 0 : undefined;
  if (scope.kind === 'glob') return name.startsWith(scope.prefix) ? 1 : undefined;
  return scope.kind === 'all' || scope.tier === tier ? 2 : undefined;
}

/** The annotations that say the same to Pullkeeper. */
export function annotationsOf(scope: ModelScope): Readonly<Record<string, string>> {
  if (scope.kind === 'names') return { 'pullkeeper.dev/namespaces': scope.names.join(',') };
  if (scope.kind === 'glob') return { 'pullkeeper.dev/namespaces': `${scope.prefix}*` };
  if (scope.kind === 'all') return { 'pullkeeper.dev/namespaces': '*' };
  return { 'pullkeeper.dev/namespace-selector': `tier=${scope.tier}` };
}
