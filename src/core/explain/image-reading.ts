// How the kubelet reads an image, told to people.

import { isDefaultRegistry } from '../kubelet/docker-hub.ts';
import { parseImage } from '../kubelet/image-reference.ts';
import type { Finding } from './finding.ts';

export type ReadingCode =
  | 'library'
  | 'no-registry'
  | 'hub-path'
  | 'hub-alias'
  | 'hub-by-default'
  | 'address-without-port'
  | 'tag-not-looked-up'
  | 'digest-not-looked-up';

export type ImageReading =
  | {
      readonly kind: 'valid';
      /** What is looked up: registry and repository. */
      readonly name: string;
      /** `HOST[:PORT]`, as it is compared with registry keys. */
      readonly registry: string;
      readonly repository: string;
      /** What of the image was not written, was read otherwise, or does not count. */
      readonly notes: readonly Finding<ReadingCode>[];
    }
  | {
      readonly kind: 'invalid';
      readonly code: 'invalid-image-name';
      /** Why the kubelet answers InvalidImageName. */
      readonly sentence: string;
    };

/** Reads an image as the kubelet does. */
export function readImage(image: string): ImageReading {
  const reference = parseImage(image);
  if (reference.kind === 'invalid') return invalid(explainInvalid(image, reference.reason));
  const { name, tag, digest } = reference;
  const slash = name.indexOf('/');
  const isTagWritten = tag !== undefined && (digest !== undefined || image.endsWith(`:${tag}`));
  return {
    kind: 'valid',
    name,
    registry: name.slice(0, slash),
    repository: name.slice(slash + 1),
    notes: [
      ...noteRegistry(image, name),
      ...(isTagWritten ? [notes.tag(tag)] : []),
      ...(digest === undefined ? [] : [notes.digest()]),
    ],
  };
}

function invalid(sentence: string): ImageReading {
  return { kind: 'invalid', code: 'invalid-image-name', sentence };
}

function explainInvalid(image: string, reason: string): string {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(image)?.[0];
  if (scheme !== undefined) return `an image has no "${scheme}" in front: write it without`;
  if (/\s/.test(image)) return 'it holds a space or a line end: write it without';
  return reason;
}

function noteRegistry(image: string, name: string): readonly Finding<ReadingCode>[] {
  const slash = image.indexOf('/');
  if (slash < 0) {
    const looksLikeHost = /^[^:@]*\.[^:@]*|^localhost(?=:|$)|:\d+$/.exec(image) !== null;
    return looksLikeHost ? [notes.noRegistry(image, name)] : [notes.library(name)];
  }
  const first = image.slice(0, slash);
  if (first === 'index.docker.io') return [notes.hubAlias(name)];
  if (first === 'docker.io')
    return name.startsWith('docker.io/library/') && !image.startsWith('docker.io/library/')
      ? [notes.library(name)]
      : [];
  if (name.startsWith('docker.io/')) return [notes.hubPath(first, name)];
  if (/^\[.*\]$/.test(first)) return [notes.ipv6NoPort(first)];
  return isDefaultRegistry(name) ? [notes.hubByDefault(first)] : [];
}

const notes = {
  library: (name: string) =>
    note('library', `a name of one word is one of Docker Hub's own images: it is looked up as ${name}`),
  noRegistry: (image: string, name: string) =>
    note('no-registry', `without a "/" there is no registry in ${image}: it is looked up as Docker Hub's ${name}`),
  hubPath: (first: string, name: string) =>
    note(
      'hub-path',
      `"${first}" has no dot and no port, so it is no registry but part of Docker Hub's path: it is looked up as ${name}`,
    ),
  hubAlias: (name: string) =>
    note('hub-alias', `index.docker.io in an image is Docker Hub: it is looked up as ${name}`),
  hubByDefault: (first: string) =>
    note(
      'hub-by-default',
      `"${first}" has no dot and no port: where no key matches it, the kubelet takes Docker Hub's credential`,
    ),
  ipv6NoPort: (first: string) =>
    note('address-without-port', `no key matches an IPv6 address without a port: write it with one, as ${first}:443`),
  tag: (tag: string) => note('tag-not-looked-up', `the tag ${tag} is no part of what is looked up`),
  digest: () => note('digest-not-looked-up', 'the digest is no part of what is looked up'),
};

function note(code: ReadingCode, sentence: string): Finding<ReadingCode> {
  return { code, sentence };
}
