import type { KeyringEntry } from '../sources/keyring.ts';
import { renderDockerConfig } from './canonical.ts';

/** That label alone is ownership: what bears it is ours, what does not is never touched. */
export const MANAGED_LABEL = 'pullkeeper.dev/managed';
/** SHA-256 of the content we wrote, hexadecimal: tells our own content from an edited one. */
export const HASH_ANNOTATION = 'pullkeeper.dev/hash';
/** Which source each registry came from: `{"SOURCE":["REGISTRY",…],…}`, names and registries sorted. */
export const SOURCES_ANNOTATION = 'pullkeeper.dev/sources';
export const MANAGED_TYPE = 'kubernetes.io/dockerconfigjson';
export const MANAGED_DATA_KEY = '.dockerconfigjson';

/** What one managed Secret should hold. */
export interface DesiredContent {
  /** The text under `.dockerconfigjson`. Holds credentials. */
  readonly dockerConfig: string;
  readonly hash: string;
  readonly sources: string;
  readonly registries: number;
}

/**
 * Renders what the managed Secret of every namespace with these entries should hold.
 *
 * @param sha256 hexadecimal digest of a text's UTF-8 bytes
 */
export function renderContent(entries: readonly KeyringEntry[], sha256: (text: string) => string): DesiredContent {
  const dockerConfig = renderDockerConfig(entries);
  return { dockerConfig, hash: sha256(dockerConfig), sources: renderSources(entries), registries: entries.length };
}

/** What is known of the Secret that bears the managed Secret's name in a namespace. Holds no credential. */
export interface LiveSecret {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly owned: boolean;
  readonly type: string;
  readonly immutable: boolean;
  readonly deleting: boolean;
  /** SHA-256 of what it really holds; undefined without the data key. */
  readonly contentHash: string | undefined;
  readonly hashAnnotation: string | undefined;
  readonly sourcesAnnotation: string | undefined;
}

function renderSources(entries: readonly KeyringEntry[]): string {
  const registries = new Map<string, string[]>();
  for (const { source, key } of entries) {
    const list = registries.get(source);
    if (list === undefined) registries.set(source, [key]);
    else list.push(key);
  }
  // A source's name is a DNS subdomain: it cannot be __proto__, and integers among names are sorted first by the engine,
  // the same way every time.
  const names = [...registries.keys()].sort();
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, registries.get(name)])));
}
