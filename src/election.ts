import type { Config } from './config.ts';
import type { Clock, Random } from './core/clock.ts';
import type { KubeClient } from './kube/client.ts';
import type { Leadership } from './kube/leader-term.ts';
import { runLeaderElection } from './kube/leader.ts';
import type { Logger } from './telemetry/logger.ts';

/** The Lease that the replicas campaign for. */
export const LEASE_NAME = 'pullkeeper';

/** Which of the replicas writes, and whether it is this one. */
export interface Election {
  isLeading(): boolean;
  /** Campaigns until the signal aborts, and leads whenever this replica holds the Lease. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ElectionOptions {
  readonly client: KubeClient;
  readonly config: Pick<Config, 'namespace' | 'lease'>;
  /** Of this process alone. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The leader's work; it ends when the leadership's signal aborts. */
  readonly lead: (leadership: Leadership) => Promise<void>;
}

export function createElection({ client, config, identity, clock, random, logger, lead }: ElectionOptions): Election {
  let isLeading = false;
  return {
    isLeading: () => isLeading,
    run: (signal) =>
      runLeaderElection({
        client,
        namespace: config.namespace,
        leaseName: LEASE_NAME,
        identity,
        durations: config.lease,
        clock,
        random,
        signal,
        onStartedLeading: (leadership) => {
          isLeading = true;
          logger.info({ identity }, 'leading');
          return lead(leadership);
        },
        onStoppedLeading: ({ code, sentence }) => {
          isLeading = false;
          logger.info({ code, reason: sentence }, 'no longer leading');
        },
        onTrouble: ({ code, sentence }) => logger.warn({ code, reason: sentence }, 'leader election'),
      }),
  };
}
