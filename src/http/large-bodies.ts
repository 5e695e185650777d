import type { ServerLimits } from './limits.ts';

/** Shares out the memory for long bodies: an honest one is rare and arrives within a moment, a slow one gives way. */
export interface LargeBodies {
  /**
   * A body that has outgrown what every connection may bring.
   *
   * @param client whom it comes from
   * @param giveUp called when it has to make room for another; it holds nothing any more
   */
  open(client: string, giveUp: () => void): LargeBody;
}

export interface LargeBody {
  /** Whether it may hold so many bytes from now on. */
  grow(bytes: number): boolean;
  /** All of it is there: it waits for us now, and is not given up any more. */
  complete(): void;
  close(): void;
}

interface Held {
  readonly client: string;
  readonly since: number;
  readonly giveUp: () => void;
  bytes: number;
  isComplete: boolean;
}

/** @param now monotonic milliseconds */
export function createLargeBodies(
  limits: Pick<ServerLimits, 'largeBytes' | 'largeBytesFromOne' | 'largeBodyMs'>,
  now: () => number,
): LargeBodies {
  /** In the order in which they began. */
  const bodies = new Set<Held>();

  /** Within a group: gives up those that come too slowly, the oldest first, until so many bytes more fit. */
  function makeRoom(more: number, most: number, group: readonly Held[], own: Held): boolean {
    let bytes = group.reduce((sum, body) => sum + body.bytes, more);
    for (const body of group) {
      if (bytes <= most) return true;
      if (body === own || body.isComplete || now() - body.since < limits.largeBodyMs) continue;
      bodies.delete(body);
      bytes -= body.bytes;
      body.giveUp();
    }
    return bytes <= most;
  }

  return {
    open: (client, giveUp) => {
      const own: Held = { client, since: now(), giveUp, bytes: 0, isComplete: false };
      bodies.add(own);
      return {
        grow: (bytes) => {
          const more = bytes - own.bytes;
          const ofClient = [...bodies].filter((body) => body.client === client);
          if (!makeRoom(more, limits.largeBytesFromOne, ofClient, own)) return false;
          if (!makeRoom(more, limits.largeBytes, [...bodies], own)) return false;
          own.bytes = bytes;
          return true;
        },
        complete: () => {
          own.isComplete = true;
        },
        close: () => void bodies.delete(own),
      };
    },
  };
}
