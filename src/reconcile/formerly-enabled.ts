import type { Clock } from '../core/clock.ts';
import type { Namespace } from './desired-state.ts';

/**
 * Namespaces that this process saw lose what enabled them, for the removal grace. A managed Secret's label is no proof that
 * its namespace was ever enabled: whoever may create Secrets there can set it.
 */
export interface FormerlyEnabled {
  /** The watch told of a namespace, or of its end. */
  changed(now: Namespace | undefined, previous: Namespace | undefined): void;
  has(namespace: Namespace): boolean;
}

export function createFormerlyEnabled(options: {
  readonly isEnabled: (namespace: Namespace) => boolean;
  readonly graceMs: number;
  readonly clock: Pick<Clock, 'now'>;
}): FormerlyEnabled {
  const { isEnabled, graceMs, clock } = options;
  /** In the order of their times. */
  const ends = new Map<string, { readonly uid: string; readonly at: number }>();

  return {
    changed: (now, previous) => {
      if (previous === undefined || (now !== undefined && !isEnabled(previous) && !isEnabled(now))) return;
      ends.delete(previous.name);
      if (now === undefined || now.uid !== previous.uid || isEnabled(now)) return;
      for (const [name, { at }] of ends) {
        if (clock.now() - at < graceMs) break;
        ends.delete(name);
      }
      ends.set(now.name, { uid: now.uid, at: clock.now() });
    },
    has: ({ name, uid }) => {
      const end = ends.get(name);
      return end?.uid === uid && clock.now() - end.at < graceMs;
    },
  };
}
