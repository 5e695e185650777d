import { backdateMs, RENEWAL_SHARE, X509_STEP_MS, type RotationDurations } from './rotation-durations.ts';

/** Times are ms since the epoch throughout. */
export interface Lifetime {
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface AuthorityView extends Lifetime {
  /** The certificate's fingerprint. */
  readonly id: string;
  /** Whether its key is there too: without it, it is trusted but signs nothing more. */
  readonly hasKey: boolean;
}

/** What the Secret holds, as far as it is sound. */
export interface HeldView {
  /** The CA that leaves are issued under. */
  readonly ca: AuthorityView | undefined;
  /** The CA that is being made known; never without its key. */
  readonly next: AuthorityView | undefined;
  /** CAs of the past, by id, that replicas may still serve leaves of. */
  readonly old: readonly string[];
  /** Undefined also when it is not issued by `ca`, not for our names, or not with its key. */
  readonly leaf: Lifetime | undefined;
  /** Since when `next` has been in every live bundle. */
  readonly nextLiveSince: number | undefined;
}

/** The ids in one webhook's caBundle as the API server has it now, in order. */
export type LiveBundle = readonly string[];

export type RotationAction =
  | { readonly action: 'create' }
  | { readonly action: 'switch' }
  | { readonly action: 'issue-leaf'; readonly reason: 'unusable' | 'due' }
  | { readonly action: 'forget-live' }
  | { readonly action: 'publish'; readonly bundle: LiveBundle }
  | { readonly action: 'create-next' }
  | { readonly action: 'mark-live' }
  | { readonly action: 'drop-old' }
  | { readonly action: 'wait'; readonly until: number };

/**
 * The next step towards certificates that are valid, renewed in time, and trusted before they are served. Each step is one
 * write, and depends on the Secret and the live bundles alone: whoever leads next can take the next step.
 * The first row that fits decides. `wanted` is old CAs, CA, next CA.
 *
 * | # | CA            | next CA                | leaf           | live bundles       | step         |
 * |---|---------------|------------------------|----------------|--------------------|--------------|
 * | 1 | none, expired | none                   | any            | any                | create       |
 * | 2 | any           | live for settleMs      | any            | all hold next      | switch       |
 * | 3 | with key      | none, or not so long   | none, expired  | any                | issue-leaf   |
 * | 4 | with key      | none, or not so long   | due            | any                | issue-leaf   |
 * | 5 | any           | marked live            | good or no key | one lacks next     | forget-live  |
 * | 6 | any           | marked in the future   | good or no key | any                | forget-live  |
 * | 7 | any           | any                    | good or no key | one is not wanted  | publish      |
 * | 8 | due or no key | none                   | good or no key | wanted             | create-next  |
 * | 9 | any           | not marked             | good or no key | wanted             | mark-live    |
 * |10 | any, old ones | none, or not so long   | older than     | wanted             | drop-old     |
 * |   |               |                        | overlapMs      |                    |              |
 * |11 | else          |                        |                |                    | wait         |
 *
 * An expired next CA counts as none. A leaf is due after two thirds of its life, and only if a new one would live longer (no
 * leaf outlives its CA). A webhook configuration that does not exist has no bundle, and nothing waits for it.
 * 3 and 4 come before 7 because a leaf under a CA that is trusted already must not wait for rights on the configurations.
 */
export function planRotation(
  held: HeldView,
  live: readonly LiveBundle[],
  durations: RotationDurations,
  now: number,
): RotationAction {
  const { ca, leaf, old, nextLiveSince } = held;
  const next = isOver(held.next, now) ? undefined : held.next;
  const switchAt = nextLiveSince === undefined ? Infinity : nextLiveSince + durations.settleMs;
  const isNextLive = next !== undefined && live.every((bundle) => bundle.includes(next.id));

  if (next === undefined) {
    if (ca === undefined || isOver(ca, now)) return { action: 'create' };
  } else if (isNextLive && now >= switchAt) {
    return { action: 'switch' };
  }

  if (ca?.hasKey === true && !isOver(ca, now)) {
    if (leaf === undefined || isOver(leaf, now)) return { action: 'issue-leaf', reason: 'unusable' };
    if (now >= leafDueAt(leaf, ca, durations)) return { action: 'issue-leaf', reason: 'due' };
  }

  if (next !== undefined && nextLiveSince !== undefined && (!isNextLive || nextLiveSince > now)) {
    return { action: 'forget-live' };
  }
  const wanted = wantedBundle(held, now);
  if (live.some((bundle) => !isSameBundle(bundle, wanted))) return { action: 'publish', bundle: wanted };

  const caDueAt = ca?.hasKey === true ? renewalAt(ca) : -Infinity;
  if (next === undefined && now >= caDueAt) return { action: 'create-next' };
  if (next !== undefined && nextLiveSince === undefined) return { action: 'mark-live' };
  const dropAt = old.length === 0 || leaf === undefined ? Infinity : oldCaDropAt(leaf, durations);
  if (now >= dropAt) return { action: 'drop-old' };

  const leafAt = ca?.hasKey === true && leaf !== undefined ? leafDueAt(leaf, ca, durations) : Infinity;
  return { action: 'wait', until: Math.min(leafAt, next === undefined ? caDueAt : switchAt, dropAt) };
}

/** What every live bundle should hold: whatever a replica may serve a leaf of now, or soon. */
export function wantedBundle({ old, ca, next }: HeldView, now: number): LiveBundle {
  const ids = [...old, ...(ca === undefined ? [] : [ca.id])];
  return next === undefined || isOver(next, now) ? ids : [...ids, next.id];
}

function isOver(lifetime: Lifetime | undefined, now: number): boolean {
  return lifetime !== undefined && now >= lifetime.notAfter;
}

function isSameBundle(a: LiveBundle, b: LiveBundle): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}

function renewalAt({ notBefore, notAfter }: Lifetime): number {
  return notBefore + (notAfter - notBefore) * RENEWAL_SHARE;
}

function leafDueAt(leaf: Lifetime, ca: Lifetime, { leafMs }: RotationDurations): number {
  if (leaf.notAfter >= ca.notAfter) return Infinity;
  // A leaf issued now ends leafMs after its backdated start.
  const gainsAt = leaf.notAfter - leafMs + backdateMs(leafMs) + X509_STEP_MS;
  return Math.max(renewalAt(leaf), gainsAt);
}

/** The leaf's start is backdated and cut to whole seconds: counted back, so that the overlap is never shorter than asked. */
function oldCaDropAt(leaf: Lifetime, { leafMs, overlapMs }: RotationDurations): number {
  return leaf.notBefore + backdateMs(leafMs) + X509_STEP_MS + overlapMs;
}
