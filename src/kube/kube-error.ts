import { isRecord } from '../core/json-value.ts';

/** What went wrong with one call to the API server, in a form that callers can decide on. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  /** HTTP status of the answer; 0 when there was none (refused, reset, timed out, not JSON). */
  readonly status: number;
  /** The Status object's `reason` ("Conflict", "Expired", …), or a word of ours when there was no Status. */
  readonly reason: string;
  /** What `Retry-After` asked for, if it did; {@link MOST_RETRY_AFTER_SECONDS} at most. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, reason: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * API servers never ask for more (k8s.io/apiserver flowcontrol, maxRetryAfter). A load balancer in front of them may, for
 * hours: meanwhile nothing would be watched or written, however soon the API server is back.
 */
const MOST_RETRY_AFTER_SECONDS = 32;

export function isKubeError(error: unknown, status?: number): error is KubeError {
  return error instanceof KubeError && (status === undefined || error.status === status);
}

/** The reason of a request whose own time limit passed. */
export const TIMEOUT = 'Timeout';

/** The reason of an answer that was given up, since it was larger than who asked can hold. */
export const TOO_LARGE = 'TooLarge';

/** No answer at all: the API server may or may not have acted. */
export function noAnswer(reason: string, cause: unknown): KubeError {
  const detail = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new KubeError(0, reason, `the API server gave no answer: ${detail}`);
}

/** Whether nothing came, as against an answer that cannot be used. */
export function isNoAnswer({ status, reason }: KubeError): boolean {
  return status === 0 && !UNUSABLE.has(reason);
}

const UNUSABLE: ReadonlySet<string> = new Set(['NotJson', 'NotAWatchEvent', 'NotAnObject', 'NotAList', TOO_LARGE]);

/** What a request over the network failed with: its system error's code becomes the reason. */
export function asKubeError(error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'NoAnswer';
  return noAnswer(code, error);
}

/**
 * An answer that is not 2xx. A 400's message may quote the body that was sent, which may be a Secret: it is left out.
 * The others (403, 404, 409, 422, 429, 5xx) name objects, fields and quotas only (the API server redacts Secret values).
 */
export function fromStatus(status: number, body: string, retryAfter: string | undefined): KubeError {
  const parsed = parseStatus(body);
  const reason = parsed?.reason ?? `HTTP${status}`;
  const message =
    status === 400 || parsed?.message === undefined ? `the API server answered ${status}` : parsed.message;
  return new KubeError(status, reason, message, readRetryAfter(retryAfter));
}

/** A number of seconds; API servers do not send the header's other form, a date. */
function readRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d+$/.test(header)) return undefined;
  return Math.min(Number(header), MOST_RETRY_AFTER_SECONDS);
}

/** The `Status` object inside an ERROR watch event (410 "Expired" among them). */
export function fromWatchError(object: unknown): KubeError {
  const status = isRecord(object) && typeof object.code === 'number' ? object.code : 500;
  return fromStatus(status, JSON.stringify(object), undefined);
}

function parseStatus(body: string): { reason?: string; message?: string } | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (!isRecord(value) || value.kind !== 'Status') return undefined;
    return {
      ...(typeof value.reason === 'string' && value.reason !== '' ? { reason: value.reason } : {}),
      ...(typeof value.message === 'string' ? { message: value.message } : {}),
    };
  } catch {
    return undefined;
  }
}
