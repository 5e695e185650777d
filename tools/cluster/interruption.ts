import { constants } from 'node:os';
import { commandLine, parentOf } from './process-table.ts';

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
export async function watchForInterruption(
  env: NodeJS.ProcessEnv,
): Promise<{ readonly signal: AbortSignal } & Disposable> {
  const controller = new AbortController();
  const stopOn = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP') {
      controller.abort(new Interruption(signal, `stopped by ${signal}`));
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopOn);
  const isLaunched = env['npm_lifecycle_event'] === undefined ? async () => true : await watchLauncher();
  const timer = setInterval(() => {
    void isLaunched().then((launched) => {
      if (!launched) controller.abort(new Interruption('SIGHUP', 'stopped, because npm was'));
    });
  }, LAUNCHER_CHECK_MS);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearInterval(timer);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, stopOn);
    },
  };
}

/** Node tells nobody that its parent has ended; what can be asked is who the parent is, and whose child that is. */
async function watchLauncher(): Promise<() => Promise<boolean>> {
  const parent = process.ppid;
  // npm runs a script by `sh -c`. Some shells stay in between, others become the command.
  const isShell = /^\S*sh -c /.test(await commandLine(parent));
  const npm = isShell ? await parentOf(parent) : parent;
  return async () => process.ppid === parent && (!isShell || (await parentOf(parent)) === npm);
}
