import { noAnswer, TIMEOUT } from './kube-error.ts';

/** Ends one request. An AbortController is for that as well, but its events took a share of what a write of a Secret costs. */
export interface Cancel extends Disposable {
  /** What it was aborted with; undefined as long as it was not. */
  readonly reason: () => Error | undefined;
  readonly abort: (reason: Error) => void;
  /** Sets who is told, at once where it is aborted already: one at a time, or nobody. */
  readonly onAbort: (listener: ((reason: Error) => void) | undefined) => void;
}

/** Aborts when `outer` does, when the time is over, or when told. Disposed of, it lets go of `outer` and of its timer. */
export function openCancel(outer?: AbortSignal, timeoutMs?: number): Cancel {
  let reason: Error | undefined;
  let listener: ((reason: Error) => void) | undefined;
  const abort = (given: Error): void => {
    if (reason !== undefined) return;
    reason = given;
    listener?.(reason);
  };
  const onOuter = (): void => abort(outer?.reason as Error);
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => abort(noAnswer(TIMEOUT, new Error(`nothing within ${timeoutMs} ms`))), timeoutMs);
  if (outer?.aborted === true) onOuter();
  else outer?.addEventListener('abort', onOuter, { once: true });
  return {
    reason: () => reason,
    abort,
    onAbort: (told) => {
      listener = told;
      if (reason !== undefined) listener?.(reason);
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onOuter);
    },
  };
}
