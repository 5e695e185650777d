import type { KeyringEntry } from '../sources/keyring.ts';
import { renderDockerConfig } from './canonical.ts';
import { encodeUtf8 } from '../sources/utf8.ts';
import { renderOrigins } from './sources-annotation.ts';

/** That label alone is ownership: what bears it is ours, what does not is never touched. */
export const MANAGED_LABEL = 'pullkeeper.dev/managed';
/** SHA-256 of the content we wrote and of where it is from, hexadecimal: tells what we wrote from what was edited. */
export const HASH_ANNOTATION = 'pullkeeper.dev/hash';
/** Between the two in what the hash is of: {@link SOURCES_ANNOTATION}'s text and the content. */
export const HASH_SEPARATOR = '\n';
/** Which source each registry came from (sources-annotation.ts). */
export const SOURCES_ANNOTATION = 'pullkeeper.dev/sources';
export const MANAGED_TYPE = 'kubernetes.io/dockerconfigjson';
export const MANAGED_DATA_KEY = '.dockerconfigjson';

/** What one managed Secret should hold. */
export interface DesiredContent {
  /** The text under `.dockerconfigjson`. Holds credentials. */
  readonly dockerConfig: string;
  readonly hash: string;
  readonly sources: string;
  /** Why it does not fit into one Secret, and what to do; undefined when it fits. */
  readonly excess: string | undefined;
}

/** MaxSecretSize of k8s.io/api/core/v1: all values of a Secret's data together. */
const MAX_DATA_BYTES = 1024 * 1024;
/** TotalAnnotationSizeLimitB of k8s.io/apimachinery is 256 KiB for all annotations: 16 KiB are left for others'. */
const MAX_SOURCES_BYTES = 240 * 1024;

/**
 * Renders what the managed Secret of every namespace with these entries should hold.
 *
 * @param sha256 hexadecimal digest of a text's UTF-8 bytes
 */
export function renderContent(entries: readonly KeyringEntry[], sha256: (text: string) => string): DesiredContent {
  const dockerConfig = renderDockerConfig(entries);
  const sources = renderOrigins(entries);
  return {
    dockerConfig,
    hash: sha256(`${sources}${HASH_SEPARATOR}${dockerConfig}`),
    sources,
    excess: describeExcess(entries, dockerConfig, sources),
  };
}

function describeExcess(entries: readonly KeyringEntry[], dockerConfig: string, sources: string): string | undefined {
  const fits =
    encodeUtf8(dockerConfig).byteLength <= MAX_DATA_BYTES && encodeUtf8(sources).byteLength <= MAX_SOURCES_BYTES;
  if (fits) return undefined;
  const counts = new Map<string, number>();
  for (const { source } of entries) counts.set(source, (counts.get(source) ?? 0) + 1);
  const largest = [...counts].sort(([, left], [, right]) => right - left).slice(0, 5);
  const named = largest.map(([source, count]) => `${source} (${count})`).join(', ');
  return `${entries.length} registries do not fit into one Secret of 1 MiB: narrow the scopes of the sources with most of them, ${named}`;
}

/**
 * What is known of the Secret that bears the managed Secret's name in a namespace. Holds no credential, and of one that is not
 * owned nothing beyond whose it is.
 */
export interface LiveSecret {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly owned: boolean;
  readonly type: string;
  readonly immutable: boolean;
  readonly deleting: boolean;
  /** The hash as it should be for what it really holds and says of its sources; undefined without the data key. */
  readonly contentHash: string | undefined;
  readonly hashAnnotation: string | undefined;
  /** Undefined where the hashes differ, too. */
  readonly sourcesAnnotation: string | undefined;
  /** Data keys that are none of ours, or many of them; absent where there is none. They count towards the 1 MiB. */
  readonly otherKeys?: readonly string[];
}
