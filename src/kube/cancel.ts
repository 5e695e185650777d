import { noAnswer, TIMEOUT, type KubeError } from './kube-error.ts';

/** Aborts one request. */
export interface Cancel extends Disposable {
  readonly signal: AbortSignal;
  readonly abort: (error: KubeError) => void;
}

/**
 * Aborts when `outer` does, when the time is over, or when told. Disposed of, it lets go of `outer` and of its timer when
 * the request is over; AbortSignal.any and AbortSignal.timeout leave that to the garbage collector.
 */
export function openCancel(outer: AbortSignal | undefined, timeoutMs: number | undefined): Cancel {
  const controller = new AbortController();
  const abort = (error: KubeError): void => controller.abort(error);
  const onOuter = (): void => controller.abort(outer?.reason);
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => abort(noAnswer(TIMEOUT, new Error(`nothing within ${timeoutMs} ms`))), timeoutMs);
  if (outer?.aborted === true) onOuter();
  else outer?.addEventListener('abort', onOuter, { once: true });
  return {
    signal: controller.signal,
    abort,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onOuter);
    },
  };
}
