import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningProgram, SupervisorLink } from './supervisor-link.ts';
import type { ProgramExit, ProgramSpec } from './supervisor-messages.ts';

/** One program of a cluster. Tests stop and start it to see what the product does then. */
export interface ManagedProgram {
  readonly name: string;
  /** Its output; restarts append to it. */
  readonly logFile: string;
  /** Its process id while it runs. */
  readonly pid: number | undefined;
  /** Starts it on the same port and data, and resolves when it answers. */
  start(): Promise<void>;
  /** Sends a signal and resolves when it has ended. Default SIGKILL: a stop that asks may wait for clients' watches. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** A program that ended by itself or does not answer. The message names it and ends with the last lines of its log. */
export class ProgramFailure extends Error {
  override readonly name = 'ProgramFailure';
  readonly program: string;
  readonly logTail: string;

  constructor(program: string, what: string, logTail: string) {
    super(`${program} ${what}. Its log ends with:\n${logTail}`);
    this.program = program;
    this.logTail = logTail;
  }
}

export interface ManagedProgramOptions extends ProgramSpec {
  /** Whether the program answers. Asked again and again while it starts; a rejection counts as "not yet". */
  readonly isReady: () => Promise<boolean>;
  /** Told when the program ends after it was ready and before it was stopped. */
  readonly onFailure: (failure: ProgramFailure) => void;
}

/** A cold start of the API server takes seconds; a minute is for a machine that does much else. */
const READY_TIMEOUT_MS = 60_000;
const READY_INTERVAL_MS = 25;
const TAIL_LINES = 20;

/** A program that is not started yet. */
export function manageProgram(link: SupervisorLink, options: ManagedProgramOptions): ManagedProgram {
  const { name, logFile } = options;
  let running: RunningProgram | undefined;

  async function start(): Promise<void> {
    if (running !== undefined) throw new Error(`${name} runs already`);
    const run = await link.startProgram(options);
    running = run;
    try {
      await untilReady(run, options);
    } catch (error) {
      await stop();
      throw error;
    }
    void run.exited.then(async (exit) => {
      if (running !== run || link.isEnding) return;
      running = undefined;
      options.onFailure(await failure(options, describeExit(exit)));
    });
  }

  async function stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    running = undefined;
    await link.stopProgram(name, signal);
  }

  return {
    name,
    logFile,
    get pid() {
      return running?.pid;
    },
    start,
    stop,
  };
}

async function untilReady(run: RunningProgram, options: ManagedProgramOptions): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let said = '';
  for (;;) {
    const ready = await options.isReady().catch((error: Error) => void (said = error.message));
    if (ready === true) return;
    if (performance.now() > deadline) {
      throw await failure(options, `did not answer within ${READY_TIMEOUT_MS / 1000} s (${said})`);
    }
    const exit = await Promise.race([run.exited, sleep(READY_INTERVAL_MS, undefined)]);
    if (exit !== undefined) throw await failure(options, `${describeExit(exit)} before it answered`);
  }
}

function describeExit({ code, signal }: ProgramExit): string {
  return signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
}

async function failure({ name, logFile }: ProgramSpec, what: string): Promise<ProgramFailure> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  return new ProgramFailure(name, what, log.trimEnd().split('\n').slice(-TAIL_LINES).join('\n'));
}
