// What the core is measured with: keyrings, sources and namespaces of a size.

import { parseImage } from '../../src/core/kubelet/image-reference.ts';
import { createKeyring, type Keyring } from '../../src/core/sources/keyring.ts';
import type { LabelledNamespace } from '../../src/core/sources/scope.ts';
import type { SourceSecret } from '../../src/core/sources/source.ts';

/** A keyring of these keys. */
export function keyringOf(keys: readonly string[]): Keyring {
  return createKeyring(keys.map((key) => ({ key, username: 'user', password: 'word', source: 'source' })));
}

/** Hosts that no two are the same. */
export function manyHosts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `registry-${index}.example.com`);
}

/** Paths of one host. */
export function manyPaths(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `ghcr.io/team-${index}/`);
}

/** Globs of four labels, one more than the hosts above have. */
export function manyGlobs(count: number, domain: string): readonly string[] {
  return Array.from({ length: count }, (_, index) => `*.zone-${index}.${domain}`);
}

/** Reads four images and looks them up, as an admission review does. */
export function lookUpImages(keyring: Keyring, images: readonly string[]): number {
  let found = 0;
  for (const image of images) {
    const parsed = parseImage(image);
    if (parsed.kind === 'valid') found += keyring.find(parsed.name).length;
  }
  return found;
}

/** A source with ten registries of its own. */
export function makeSource(index: number, namespaces: string, password = 'word'): SourceSecret {
  const auths = Array.from({ length: 10 }, (_, registry) => [
    `registry-${index}-${registry}.example.com`,
    { username: 'user', password, auth: Buffer.from(`user:${password}`).toString('base64') },
  ]);
  return {
    name: `source-${index}`,
    type: 'kubernetes.io/dockerconfigjson',
    annotations: { 'pullkeeper.dev/namespaces': namespaces },
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: Object.fromEntries(auths) })) },
  };
}

/** Namespaces `team-0` and on. */
export function makeNamespaces(count: number): readonly LabelledNamespace[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `team-${index}`,
    labels: { 'pullkeeper.dev/inject': 'enabled', group: `group-${index % 10}` },
  }));
}
