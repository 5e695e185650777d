import type { Found, NamespaceFacts } from '../core/explain/facts.ts';
import type { PullSecretContent } from '../core/explain/pull-secret.ts';
import type { Account } from '../core/pod/service-account.ts';
import type { Unread } from '../core/explain/unread.ts';
import type { ObjectKind } from './explain-target.ts';

/** Where `explain` asks: a cluster, or files. Nothing here rejects; what could not be read is in `unread`. */
export interface World {
  /** The namespace of whatever names none itself. */
  readonly namespace: string;
  namespaceFacts(name: string): Promise<NamespaceFacts>;
  account(namespace: string, name: string): Promise<Found<Account>>;
  pullSecret(namespace: string, name: string): Promise<Found<PullSecretContent>>;
  object(kind: ObjectKind, namespace: string, name: string): Promise<Found<unknown>>;
  /** Each thing once, in the order of asking. */
  unread(): readonly Unread[];
  /** Why nobody answers, or undefined while somebody does. */
  failure(): string | undefined;
}
