import type { Clock, Random } from '../core/clock.ts';
import { createTokenBuckets, type BucketLimits } from '../core/token-buckets.ts';
import type { KubeClient } from './client.ts';

/** The object that a person would look at. */
export interface EventObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Where the Event is created; for a Namespace its own name, so that its people see it. */
  readonly namespace: string;
  readonly uid: string;
}

export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, from the program. */
  readonly reason: string;
  /** For people. Never holds a credential. */
  readonly message: string;
}

/** Tells people by Kubernetes Events: the same at most once in a while for each object, and not too many at once. */
export interface EventRecorder {
  record(object: EventObject, note: EventNote): void;
  /** How many were dropped, for being told already or for being too many. */
  dropped(): { readonly repeated: number; readonly excess: number };
}

export interface EventLimits {
  /** The same is told again after this long: Events live for an hour. */
  readonly repeatMs: number;
  /** client-go's spam filter: for one object 25 at once, then one in 5 minutes. */
  readonly perObject: BucketLimits;
  /** Over all objects: what a storm of bad requests may cost the API server. */
  readonly overall: BucketLimits;
}

const DEFAULT_LIMITS: EventLimits = {
  repeatMs: 600_000,
  perObject: { burst: 25, intervalMs: 300_000 },
  overall: { burst: 100, intervalMs: 200 },
};

/** events.k8s.io allows 1024 bytes of note; a message is cut before. */
const LONGEST_MESSAGE = 1000;

export function createEventRecorder(options: {
  readonly client: Pick<KubeClient, 'call'>;
  readonly instance: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
  readonly limits?: EventLimits;
}): EventRecorder {
  const { client, clock, random } = options;
  const limits = options.limits ?? DEFAULT_LIMITS;
  const told = new Map<string, number>();
  const perObject = createTokenBuckets(limits.perObject);
  const overall = createTokenBuckets(limits.overall);
  let repeated = 0;
  let excess = 0;

  return {
    record: (object, note) => {
      const now = clock.now();
      const identity = `${object.kind} ${object.namespace} ${object.name} ${object.uid}`;
      const key = `${identity} ${note.reason} ${note.message}`;
      if ((told.get(key) ?? -Infinity) > now) {
        repeated++;
        return;
      }
      if (perObject.take(identity, now) > 0 || overall.take('', now) > 0) {
        excess++;
        return;
      }
      if (told.size >= 10_000) for (const [each, until] of told) if (until <= now) told.delete(each);
      if (told.size >= 10_000) told.clear();
      told.set(key, now + limits.repeatMs);
      const body = renderEvent(object, note, options.instance, new Date(clock.wallTime()), random);
      const path = `/api/v1/namespaces/${encodeURIComponent(object.namespace)}/events`;
      client.call({ method: 'POST', path, body, signal: options.signal }).catch((error: unknown) => {
        if (options.signal.aborted) return;
        told.delete(key);
        options.onError(error);
      });
    },
    dropped: () => ({ repeated, excess }),
  };
}

function renderEvent(object: EventObject, note: EventNote, instance: string, now: Date, random: Random): unknown {
  const suffix = Math.floor(random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0');
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const message =
    note.message.length <= LONGEST_MESSAGE ? note.message : `${note.message.slice(0, LONGEST_MESSAGE - 1)}…`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${object.name.slice(0, 200)}.${suffix}`, namespace: object.namespace },
    involvedObject: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name: object.name,
      namespace: object.namespace,
      ...(object.uid === '' ? {} : { uid: object.uid }),
    },
    type: note.type,
    reason: note.reason,
    message,
    source: { component: 'pullkeeper' },
    reportingComponent: 'pullkeeper',
    reportingInstance: instance.slice(0, 128),
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
