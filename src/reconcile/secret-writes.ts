import type { DesiredContent, LiveSecret } from '../core/secret/managed-secret.ts';

export interface CallOptions {
  readonly timeoutMs?: number;
  readonly slowAfterMs?: number;
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

/**
 * Not this namespace's trouble, and over for all at once: the API server gave no answer, is overloaded or failed, or does
 * not know our token, or our account lacks the right.
 */
export function isEverybodysTrouble(error: unknown): boolean {
  const status = statusOf(error);
  if (status === undefined) return false;
  if (status >= 500) return !isByWebhook(error);
  return status === 0 || status === 401 || status === 429 || (status === 403 && isByAuthorizer(error));
}

/**
 * Somebody's webhook that cannot be asked is mostly one for some namespaces; those are told from others by the sentence
 * (k8s.io/apiserver/pkg/admission/plugin/webhook/errors, and NewInternalError before it).
 */
function isByWebhook(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Internal error occurred: failed calling webhook ');
}

/**
 * Authorizer and admission (a quota, a namespace's end) both answer 403 "Forbidden"; what tells them apart is the sentence
 * (k8s.io/apiserver/pkg/endpoints/handlers/responsewriters, Forbidden).
 */
function isByAuthorizer(error: unknown): boolean {
  return error instanceof Error && / is forbidden: User "[^"]*" cannot /.test(error.message);
}

/** What the API server asked for by `Retry-After`. */
export function retryAfterMsOf(error: unknown): number | undefined {
  return error instanceof Error && 'retryAfterSeconds' in error && typeof error.retryAfterSeconds === 'number'
    ? error.retryAfterSeconds * 1000
    : undefined;
}
