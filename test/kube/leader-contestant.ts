import { DEFAULT_DURATIONS, type ElectionDurations } from '../../src/core/lease/durations.ts';
import type { ElectionTrouble, EndOfTerm } from '../../src/core/lease/outcome.ts';
import { runLeaderElection } from '../../src/kube/leader.ts';
import type { Leadership } from '../../src/kube/leader-term.ts';
import { connect, type LeaseStore, type Link, type Wire } from './leader-api.ts';
import { createMachine, type Machine, type World } from './leader-world.ts';

export const LEASE_PATH = '/apis/coordination.k8s.io/v1/namespaces/pullkeeper-system/leases/pullkeeper';

/** A process that takes part in the election, and what it lived through. */
export interface Contestant {
  readonly identity: string;
  readonly machine: Machine;
  readonly wire: Wire;
  /** What was seen, each with the world's time: "1000 leads", "11000 stopped: deadline", "12000 sees b". */
  readonly story: readonly string[];
  readonly troubles: readonly ElectionTrouble[];
  /** The current term's, or the last one's. */
  leadership(): Leadership | undefined;
  isLeader(): boolean;
  shutDown(): void;
  /** Whether runLeaderElection has resolved. */
  hasEnded(): boolean;
}

export interface ContestantOptions {
  readonly machine?: Machine;
  readonly durations?: ElectionDurations;
  readonly random?: () => number;
  readonly link?: Link;
  /** The leader's work; none by default. */
  readonly work?: (leadership: Leadership) => void | Promise<void>;
}

export function startContestant(
  world: World,
  store: LeaseStore,
  identity: string,
  options: ContestantOptions = {},
): Contestant {
  const machine = options.machine ?? createMachine(world);
  const wire = connect(world, machine, store);
  wire.link = options.link ?? 'works';
  const story: string[] = [];
  const troubles: ElectionTrouble[] = [];
  const shutdown = new AbortController();
  let leadership: Leadership | undefined;
  let hasEnded = false;
  const tell = (what: string): void => void story.push(`${world.now()} ${what}`);

  const running = runLeaderElection({
    client: wire.client,
    namespace: 'pullkeeper-system',
    leaseName: 'pullkeeper',
    identity,
    durations: options.durations ?? DEFAULT_DURATIONS,
    clock: machine.clock,
    random: options.random ?? (() => 0.5),
    onStartedLeading: (term) => {
      leadership = term;
      tell('leads');
      return options.work?.(term);
    },
    onStoppedLeading: (end: EndOfTerm) => tell(`stopped: ${end.code}`),
    onNewLeader: (leader) => tell(`sees ${leader}`),
    onTrouble: (trouble) => void troubles.push(trouble),
    signal: shutdown.signal,
  });
  void running.then(() => (hasEnded = true));

  return {
    identity,
    machine,
    wire,
    story,
    troubles,
    leadership: () => leadership,
    isLeader: () => leadership?.isLeader() ?? false,
    shutDown: () => shutdown.abort(),
    hasEnded: () => hasEnded,
  };
}
