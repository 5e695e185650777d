import type { TlsSecret } from './tls-secret.ts';

export interface StoredTlsSecret extends TlsSecret {
  readonly resourceVersion: string;
}

/** One of our webhook configurations, as it is in the API server. */
export interface LiveConfiguration {
  readonly kind: 'mutating' | 'validating';
  readonly name: string;
  readonly resourceVersion: string;
  /** Every webhook in it. `caBundle` as PEM, empty when there is none. */
  readonly webhooks: readonly { readonly name: string; readonly caBundle: string }[];
}

/** A write was made, or refused because the object is no longer the one that was read. */
export type WriteResult = 'written' | 'conflict';

/**
 * What the rotation needs of the cluster. Reads are answered by the API server, never from a cache: a step is judged by
 * what the next read says. Anything but a conflict rejects.
 */
export interface RotationStore {
  /** The configurations that exist. */
  readConfigurations(signal: AbortSignal): Promise<readonly LiveConfiguration[]>;
  readSecret(signal: AbortSignal): Promise<StoredTlsSecret | undefined>;
  /** Replaces all of `data` and our annotations; creates the Secret when nothing was read. */
  writeSecret(secret: TlsSecret, read: StoredTlsSecret | undefined, signal: AbortSignal): Promise<WriteResult>;
  /** Sets the caBundle of every webhook in it, and nothing else; only while it has the resourceVersion that was read. */
  applyBundle(configuration: LiveConfiguration, bundlePem: string, signal: AbortSignal): Promise<WriteResult>;
}
