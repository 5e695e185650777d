import type { DesiredContent, LiveSecret } from '../core/secret/managed-secret.ts';

export interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A managed Secret with what it holds. */
export interface HeldSecret {
  readonly secret: LiveSecret;
  /** The credential under a registry, as normalised; undefined when there is none. */
  find(key: string): { readonly username: string; readonly password: string } | undefined;
}

/**
 * Reads and writes of one namespace's managed Secret (kube/secrets.ts). Rejections carry the HTTP `status`, 0 without an
 * answer, and a `message` that may be shown.
 */
export interface SecretWrites {
  get(namespace: string, call?: CallOptions): Promise<LiveSecret | undefined>;
  readEntries(namespace: string, call?: CallOptions): Promise<HeldSecret | undefined>;
  /** 409 where a foreign Secret has the name. */
  create(namespace: string, content: DesiredContent, call?: CallOptions): Promise<LiveSecret>;
  /** 409 where it is no longer the one that was seen; so has `delete`. */
  update(namespace: string, content: DesiredContent, seen: LiveSecret, call?: CallOptions): Promise<LiveSecret>;
  delete(namespace: string, seen: LiveSecret, call?: CallOptions): Promise<void>;
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}

/** The API server gave no answer, is overloaded or failed: not this namespace's trouble, and over when it is well again. */
export function isApiServerTrouble(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && (status === 0 || status === 429 || status >= 500);
}

/** What the API server asked for by `Retry-After`. */
export function retryAfterMsOf(error: unknown): number | undefined {
  return error instanceof Error && 'retryAfterSeconds' in error && typeof error.retryAfterSeconds === 'number'
    ? error.retryAfterSeconds * 1000
    : undefined;
}
