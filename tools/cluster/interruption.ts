import { constants } from 'node:os';

/** Why a command was asked to end. `exitCode` is the shell's convention: 128 and the signal's number. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', what: string) {
    super(what);
    this.exitCode = 128 + constants.signals[signal];
  }
}

const LAUNCHER_CHECK_MS = 500;

/**
 * For commands that clean up after themselves: a signal that is aborted, with an {@link Interruption}, on Ctrl-C,
 * SIGTERM, a closed terminal, and when npm ran this command and is gone (killed, it cannot pass the signal on).
 * Keeps the process alive until it is disposed.
 */
export function watchForInterruption(env: NodeJS.ProcessEnv): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const stopOn = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP') {
      controller.abort(new Interruption(signal, `stopped by ${signal}`));
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopOn);
  // Node tells nobody that its parent has ended; what it can be asked is who the parent is.
  const launcher = process.ppid;
  const timer = setInterval(() => {
    if (env['npm_lifecycle_event'] !== undefined && process.ppid !== launcher) {
      controller.abort(new Interruption('SIGHUP', 'stopped, because npm was'));
    }
  }, LAUNCHER_CHECK_MS);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearInterval(timer);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, stopOn);
    },
  };
}
