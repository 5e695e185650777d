// What is known before anything is concluded. src/cli gathers it from the API server or from files.

import type { PodView } from '../pod/pod-view.ts';
import type { Account } from '../pod/service-account.ts';
import type { LabelSelector } from '../sources/label-selector.ts';
import type { Source } from '../sources/source.ts';
import type { ManagedSources } from './managed-sources.ts';
import type { PullSecretContent } from './pull-secret.ts';

/** One thing that was asked for. Why something could not be read is told once, in the explanation's `unread`. */
export type Found<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unread' }
  /** There is no cluster to ask: the question was asked of files. */
  | { readonly kind: 'offline' };

/** How Pullkeeper was installed, as far as the caller says. */
export interface Install {
  readonly secretName: string;
  readonly ownNamespace: string;
  readonly selector: LabelSelector;
  /** As written, for people. */
  readonly selectorText: string;
  /** Never enabled. */
  readonly excluded: ReadonlySet<string>;
}

export interface NamespaceObject {
  readonly labels: Readonly<Record<string, string>>;
  readonly deleting: boolean;
}

/** A source as it stands now. Holds credentials, of which nothing goes into an explanation. */
export interface DatedSource {
  readonly source: Source;
  /** RFC 3339 in UTC, as the API server writes it; undefined for a file. */
  readonly createdAt: string | undefined;
}

/** The Secret of the managed Secret's name in the Pod's namespace. */
export interface ManagedSecret {
  readonly owned: boolean;
  readonly deleting: boolean;
  readonly content: PullSecretContent;
  readonly sources: ManagedSources;
  readonly createdAt: string | undefined;
}

export interface NamespaceFacts {
  readonly name: string;
  readonly object: Found<NamespaceObject>;
  readonly sources: Found<readonly DatedSource[]>;
  readonly managed: Found<ManagedSecret>;
}

/** An image of a Pod. */
export interface PodImage {
  readonly image: string;
  /** `container web`, `init container migrate`, `volume data`. */
  readonly usedBy: readonly string[];
  /** The kubelet's reason while it waits: ErrImagePull, ImagePullBackOff, InvalidImageName, … */
  readonly waiting: string | undefined;
}

/** A controller above a Pod. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

/** A Pod of the cluster, or one that would be made. */
export interface SubjectFacts {
  /** `pod/web`, `deployment/web`, `a Pod of this image`. */
  readonly title: string;
  readonly namespace: NamespaceFacts;
  readonly pod: PodView;
  readonly images: readonly PodImage[];
  readonly account: Found<Account>;
  /** The pull Secrets of the Pod and of its ServiceAccount, the managed one left out, by name. */
  readonly pullSecrets: ReadonlyMap<string, Found<PullSecretContent>>;
  /** A Pod that is there: what it lists cannot change any more. */
  readonly existing: ExistingPod | undefined;
}

export interface ExistingPod {
  readonly name: string;
  readonly createdAt: string | undefined;
  /** Nearest first, as far as they could be followed. */
  readonly owners: readonly Owner[];
}
