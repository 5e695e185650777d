import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../src/core/clock.ts';

interface Task {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that moves only when a test moves it, for any number of machines. */
export interface World {
  now(): number;
  /** Runs `what` once the time has come; the answer takes it back. */
  after(ms: number, what: () => void): () => void;
  /** Runs everything that becomes due, in order, with all that follows from each; `look` sees every state in between. */
  advance(ms: number, look?: () => void): Promise<void>;
}

export function createWorld(): World {
  let now = 0;
  let order = 0;
  const tasks = new Set<Task>();

  function nextDue(until: number): Task | undefined {
    let first: Task | undefined;
    for (const task of tasks) {
      if (task.at > until) continue;
      if (first === undefined || task.at < first.at || (task.at === first.at && task.order < first.order)) first = task;
    }
    return first;
  }

  return {
    now: () => now,
    after: (ms, what) => {
      const task = { at: now + Math.max(0, ms), order: order++, run: what };
      tasks.add(task);
      return () => void tasks.delete(task);
    },
    advance: async (ms, look) => {
      const until = now + ms;
      await nextTurn();
      for (let task = nextDue(until); task !== undefined; task = nextDue(until)) {
        tasks.delete(task);
        now = task.at;
        look?.();
        task.run();
        // All promises that were settled by it have run their course when the event loop turns.
        await nextTurn();
        look?.();
      }
      now = until;
      look?.();
    },
  };
}

/** One computer's process: its clocks are its own, and it can be stopped like by SIGSTOP, while its clocks go on. */
export interface Machine {
  readonly clock: Clock;
  /** Runs `what` in this process: now, or when it goes on. */
  deliver(what: () => void): void;
  stop(): void;
  /** What fell due in the meantime runs now, in an order of the caller's choice. */
  goOn(arrange?: (due: (() => void)[]) => (() => void)[]): void;
}

export interface MachineSettings {
  /** What its monotonic clock shows when the world begins. */
  readonly startsAt: number;
  /** How fast that runs; 1 is right. */
  readonly rate: number;
  readonly wallOffset: number;
}

const RIGHT_CLOCKS: MachineSettings = { startsAt: 0, rate: 1, wallOffset: 0 };

export function createMachine(world: World, settings: Partial<MachineSettings> = {}): Machine {
  const { startsAt, rate, wallOffset } = { ...RIGHT_CLOCKS, ...settings };
  let stopped = false;
  let due: (() => void)[] = [];
  const deliver = (what: () => void): void => {
    if (stopped) due.push(what);
    else what();
  };
  const clock: Clock = {
    now: () => startsAt + rate * world.now(),
    wallTime: () => Math.trunc(wallOffset + world.now()),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        // In whole milliseconds, as timers are: by a fraction of one that is lost in rounding, time would never move on.
        const cancel = world.after(Math.ceil(ms / rate), () => deliver(resolve));
        signal.addEventListener('abort', () => (cancel(), resolve()), { once: true });
      }),
  };
  return {
    clock,
    deliver,
    stop: () => void (stopped = true),
    goOn: (arrange = (all) => all) => {
      stopped = false;
      const all = arrange(due);
      due = [];
      for (const what of all) what();
    },
  };
}
