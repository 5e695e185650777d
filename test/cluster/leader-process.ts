import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ElectionDurations } from '../../src/core/lease/durations.ts';

export interface ProgramSettings {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly leaseName: string;
  readonly identity: string;
  readonly durations: ElectionDurations;
}

export interface ProgramLine {
  /** Of the machine's monotonic clock, in ms. */
  readonly at: number;
  readonly what:
    | 'leads'
    | 'stopped'
    | 'sees'
    | 'believes'
    | 'call' // of the election, with its method
    | 'conflict' // of its work
    | 'trouble'
    | 'ended';
  readonly detail: string;
}

/** A process that runs leader-program.ts. */
export interface ContenderProcess {
  readonly identity: string;
  readonly lines: readonly ProgramLine[];
  /** The first line like this that came at `since` or later; resolves as soon as there is one, rejects if the process ends. */
  line(what: ProgramLine['what'], detail?: string, since?: number): Promise<ProgramLine>;
  signal(name: NodeJS.Signals): void;
  /** Kills it, stopped or not, and resolves when it has ended. */
  kill(): Promise<void>;
  /** Resolves when it has ended and everything it said has been read. */
  readonly ended: Promise<void>;
}

/** The clock of {@link ProgramLine.at}. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function startContenderProcess(settings: ProgramSettings): ContenderProcess {
  const program = join(import.meta.dirname, 'leader-program.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: ProgramLine[] = [];
  const waiting = new Set<() => void>();
  let hasEnded = false;
  const wake = (): void => {
    for (const look of waiting) look();
  };
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text) as ProgramLine);
    wake();
  });
  const ended = once(child, 'close').then(() => {
    hasEnded = true;
    wake();
  });

  return {
    identity: settings.identity,
    lines,
    line: (what, detail, since = 0) => {
      const { promise, resolve, reject } = Promise.withResolvers<ProgramLine>();
      const look = (): void => {
        const found = lines.find(
          (line) => line.what === what && line.at >= since && (detail === undefined || line.detail === detail),
        );
        if (found !== undefined) resolve(found);
        else if (hasEnded) reject(new Error(`${settings.identity} ended without "${what} ${detail ?? ''}"`));
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
      return promise;
    },
    signal: (name) => void child.kill(name),
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
