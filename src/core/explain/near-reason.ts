// Why a registry key that looks right for an image does not give it its credential. One constructor a code.

import type { Refusal } from '../sources/refusal.ts';
import type { Finding } from './finding.ts';
import type { Outranked } from './merged-sources.ts';

/** How the key is written: no image can match it so. */
export type SpellingCode =
  | 'key-scheme'
  | 'key-port'
  | 'address-without-port'
  | 'version-slash'
  | 'star-in-path'
  | 'tag-in-key'
  | 'digest-in-key'
  | 'key-dropped';
/** Where the key differs from the image. */
export type DifferenceCode =
  | 'hub-name'
  | 'not-a-host'
  | 'host-case'
  | 'star-one-label'
  | 'other-level'
  | 'similar-host'
  | 'other-port'
  | 'path-case'
  | 'hub-library'
  | 'trailing-slash'
  | 'longer-path'
  | 'other-path';
/** The key matches, and something else keeps the credential away. */
export type KeptOutCode =
  'scope' | 'no-scope' | 'scope-refused' | 'entry-refused' | 'source-refused' | 'outranked' | 'fallback-unused';

export type NearReason = Finding<SpellingCode | DifferenceCode | KeptOutCode>;

const FORM = 'write HOST[:PORT][/PATH]';

export const spelling = {
  scheme: (scheme: string) =>
    reason('key-scheme', `"${scheme}://" is no scheme of a key: only https:// and http:// are taken away, ${FORM}`),
  port: (port: string) =>
    reason(
      'key-port',
      port.includes('*')
        ? `"*" stands for nothing in a port, and the kubelet drops the key: name the port`
        : `what follows ":" is not a port, and the kubelet drops the key: ${FORM}`,
    ),
  ipv6NoPort: () =>
    reason(
      'address-without-port',
      'the kubelet finds an IPv6 address only with a port, in key and image: write [ADDRESS]:PORT',
    ),
  versionSlash: (host: string) =>
    reason(
      'version-slash',
      `the slash at the end is missing, so it is a path that no image has: write ${host === 'index.docker.io' ? 'https://index.docker.io/v1/' : `${host}, or with the slash`}`,
    ),
  starInPath: () => reason('star-in-path', '"*" stands for something in the host alone: a path is a prefix as it is'),
  tag: () => reason('tag-in-key', 'a tag is no part of what is looked up: write the repository alone'),
  digest: () => reason('digest-in-key', 'a digest is no part of what is looked up: write the repository alone'),
  dropped: () => reason('key-dropped', `the kubelet cannot read the key and drops it: ${FORM}`),
};

export const difference = {
  hubName: (host: string) =>
    reason(
      'hub-name',
      `Docker Hub's images are not looked up under ${host}: write https://index.docker.io/v1/ for all, or docker.io/PATH for some`,
    ),
  notAHost: (host: string, hubKey: string) =>
    reason(
      'not-a-host',
      `"${host}" has no dot and no port, so no image has it as its registry: if a registry is meant, write its full host in key and image; if Docker Hub, write ${hubKey}`,
    ),
  hostCase: (host: string) =>
    reason(
      'host-case',
      `upper and lower case differ: the image's host is ${host}${/[A-Z]/.test(host) ? ', better written in lower case' : ''}`,
    ),
  starOneLabel: (keyHost: string, host: string) =>
    reason(
      'star-one-label',
      `"*" stands for exactly one part between dots: ${keyHost} has ${countLabels(keyHost)}, ${host} has ${countLabels(host)}`,
    ),
  otherLevel: (keyHost: string, host: string) =>
    reason('other-level', `a key is for one host, not for what is above or below it: ${keyHost} is not ${host}`),
  similarHost: (keyHost: string, host: string) =>
    reason('similar-host', `${keyHost} is not ${host}, though close: a slip of the keyboard?`),
  otherPort: (keyPort: string, port: string) =>
    reason(
      'other-port',
      `ports must be the same, and none is assumed: the key has ${describePort(keyPort)}, the image ${describePort(port)}`,
    ),
  pathCase: () => reason('path-case', 'upper and lower case differ: the path of an image has no upper-case letter'),
  hubLibrary: (path: string) =>
    reason(
      'hub-library',
      `an image of one word is looked up under library/, a key is not: write docker.io/library${path}`,
    ),
  trailingSlash: (repository: string) =>
    reason(
      'trailing-slash',
      `the key ends in "/", so it is for what is below ${repository} and not for itself: write it without`,
    ),
  longerPath: (repository: string) =>
    reason('longer-path', `the key's path is longer than the image's, which is ${repository}`),
  otherPath: (repository: string) =>
    reason('other-path', `the same registry, but the image's path, ${repository}, does not start with the key's`),
};

export const keptOut = {
  scope: (namespace: string, scope: string) =>
    reason('scope', `the key matches, but the source's scope (${scope}) leaves out namespace ${namespace}`),
  noScope: () =>
    reason(
      'no-scope',
      'the key matches, but the Secret has no scope, so it is no source: annotate it with pullkeeper.dev/namespaces or pullkeeper.dev/namespace-selector',
    ),
  scopeRefused: (refusal: Refusal) =>
    reason('scope-refused', `the key matches, but the source reaches nothing (${refusal.where}): ${refusal.sentence}`),
  entryRefused: (refusal: Refusal) =>
    reason('entry-refused', `the entry is refused (${refusal.code}): ${refusal.sentence}`),
  sourceRefused: (refusal: Refusal) =>
    reason('source-refused', `the whole source is refused (${refusal.code}, ${refusal.where}): ${refusal.sentence}`),
  outranked: (winner: string, why: Outranked['why']) =>
    reason('outranked', `${winner} has the same registry, and ${PRECEDENCE[why]}`),
  fallbackUnused: (winner: string) =>
    reason('fallback-unused', `index.docker.io is asked only where no other key matches, and ${winner} does`),
};

const PRECEDENCE: Readonly<Record<Outranked['why'], string>> = {
  scope: 'its scope means this namespace more closely',
  'name-order': 'comes first in the order of names',
  'file-order': 'was given before',
};

function reason<Code extends NearReason['code']>(code: Code, sentence: string): Finding<Code> {
  return { code, sentence };
}

function describePort(port: string): string {
  return port === '' ? 'none' : `:${port}`;
}

function countLabels(host: string): number {
  return host.split('.').length;
}
