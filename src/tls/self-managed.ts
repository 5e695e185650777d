import { backoffMs } from '../core/backoff.ts';
import type { Clock, Random } from '../core/clock.ts';
import { rotationTrouble, type RotationStep, type RotationTrouble } from '../core/tls/rotation-outcome.ts';
import { rotate, type RotationOptions } from './rotate.ts';

export interface SelfManagedOptions extends RotationOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Told after each write. */
  readonly onStep: (step: RotationStep) => void;
  readonly onTrouble: (trouble: RotationTrouble, cause: unknown) => void;
  /** How often everything is read again without a sign of change, in case a watch missed one. Default 60 s. */
  readonly resyncMs?: number;
}

/** The term of a leader; src/kube's Leadership is one. */
export interface Term {
  readonly signal: AbortSignal;
  isLeader(): boolean;
}

export interface SelfManaged {
  /** The leader's work: takes step after step until the term ends. Never rejects for what the API server does. */
  run(term: Term): Promise<void>;
  /** The Secret or a webhook configuration changed: look now. */
  poke(): void;
}

const BACKOFF = { baseMs: 200, maxMs: 30_000 };
/** Longer sleeps do not fit a timer (2^31 ms). */
const LONGEST_SLEEP_MS = 86_400_000;

/** Keeps CA, leaf and caBundles in the state that {@link rotate} leads to. */
export function createSelfManaged(options: SelfManagedOptions): SelfManaged {
  const { clock, random, onStep, onTrouble, resyncMs = 60_000 } = options;
  let wake = new AbortController();

  async function run(term: Term): Promise<void> {
    const { signal } = term;
    const mayWrite = (): boolean => term.isLeader();
    let failures = 0;
    let lastAction = '';

    const retryLater = async (trouble: RotationTrouble, cause: unknown): Promise<void> => {
      failures++;
      onTrouble(trouble, cause);
      await clock.sleep(backoffMs(BACKOFF, failures, random, undefined), signal);
    };

    while (!signal.aborted) {
      wake = new AbortController();
      const heard = wake.signal;
      try {
        const rotated = await rotate(options, { now: clock.wallTime(), signal, mayWrite });
        switch (rotated.result) {
          case 'not-leading':
            return;
          case 'conflict':
            await retryLater(rotationTrouble.conflict(rotated.where), undefined);
            break;
          case 'stepped':
            for (const step of rotated.steps) onStep(step);
            if (rotated.action === lastAction) await retryLater(rotationTrouble.undone(rotated.action), undefined);
            else failures = 0;
            lastAction = rotated.action;
            break;
          case 'idle': {
            failures = 0;
            lastAction = '';
            const restMs = Math.max(0, rotated.until - clock.wallTime());
            await clock.sleep(Math.min(restMs, resyncMs, LONGEST_SLEEP_MS), AbortSignal.any([signal, heard]));
          }
        }
      } catch (error) {
        if (signal.aborted) return;
        await retryLater(rotationTrouble.failed(error instanceof Error ? error.message : String(error)), error);
      }
    }
  }

  return { run, poke: () => wake.abort() };
}
