// Which registry keys are taken.

import { HUB_FALLBACK_KEY, HUB_HOST } from '../kubelet/docker-hub.ts';
import { normaliseKey } from '../kubelet/registry-key.ts';
import { splitHost } from '../kubelet/host-pattern.ts';
import { matchesKey } from '../kubelet/lookup.ts';
import { displayKey, displayText } from './display.ts';
import { explainUnmatchable } from './key-reach.ts';
import type { EntryRefusalCode } from './refusal.ts';
import { warnEmptyPort, warnHostCase, warnHubName, warnPathBoundary, type SourceWarning } from './source-warning.ts';

export type KeyCheck =
  { readonly kind: 'key'; readonly key: string; readonly warnings: readonly SourceWarning[] } | KeyRefusal;

interface KeyRefusal {
  readonly kind: 'refused';
  readonly code: EntryRefusalCode;
  readonly sentence: string;
}

const FORM = 'write HOST[:PORT][/PATH]';

/** Normalises a key, or says why it is not taken. */
export function checkKey(rawKey: string): KeyCheck {
  const written = splitWritten(rawKey);
  const refusal = checkSpelling(rawKey, written) ?? checkReach(written);
  if (refusal !== undefined) return refusal;
  const key = normaliseKey(rawKey);
  if (key === undefined) return refuse('key-character', `its host is none that the kubelet can read: ${FORM}`);
  const reason = explainUnmatchable(key);
  if (reason !== undefined) return refuse('key-unmatchable', `no image can match it: ${reason}`);
  return { kind: 'key', key, warnings: warnOfKey(displayKey(rawKey), key, written) };
}

/** The key's parts as written. */
interface WrittenKey {
  readonly schemeless: string;
  readonly authority: string;
  readonly path: string;
}

function splitWritten(rawKey: string): WrittenKey {
  const schemeless = rawKey.replace(/^https?:\/\//, '');
  const slash = schemeless.indexOf('/');
  return slash < 0
    ? { schemeless, authority: schemeless, path: '' }
    : { schemeless, authority: schemeless.slice(0, slash), path: schemeless.slice(slash) };
}

function checkSpelling(rawKey: string, { schemeless, authority }: WrittenKey): KeyRefusal | undefined {
  if (authority.includes('@')) {
    return refuse('key-user-info', `it holds a user name before "@", which the kubelet drops: ${FORM}`);
  }
  const character = /[?#%\\ ]|[^\x21-\x7e]/u.exec(rawKey)?.[0];
  if (character !== undefined) return refuse('key-character', `it holds ${describeCharacter(character)}: ${FORM}`);
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\/|^\/\//.test(schemeless)) {
    return refuse(
      'key-scheme',
      `only "https://" or "http://", once and in lower case, may stand before the host: ${FORM}`,
    );
  }
  const port = portOf(authority);
  if (port !== undefined && !/^[0-9]*$/.test(port)) {
    return refuse('key-port', `its port is not digits, so the kubelet drops it and no image can match it: ${FORM}`);
  }
  return undefined;
}

function portOf(authority: string): string | undefined {
  const colon = authority.startsWith('[') ? authority.indexOf(':', authority.lastIndexOf(']')) : authority.indexOf(':');
  return colon < 0 ? undefined : authority.slice(colon + 1);
}

function describeCharacter(character: string): string {
  if (character === ' ') return 'a space';
  if (character === '\\') return 'a backslash';
  if (character > '\x7e' && character !== '\x7f') return 'a character that is not ASCII';
  return character < ' ' || character === '\x7f' ? 'a control character' : `"${character}"`;
}

const TOO_WIDE =
  "it would take the place of users' own Docker Hub credentials, for it matches more hosts than one registry's: name the registries";

/** Globs that take too much, and the two paths that are a slash short of being none. */
function checkReach({ authority, path }: WrittenKey): KeyRefusal | undefined {
  const host = authority.replace(/:[0-9]*$/, '');
  if (host.includes('*') && matchesKey(authority, 'docker.io/library/x')) return refuse('key-too-wide', TOO_WIDE);
  if (/^\*+$/.test(host)) {
    const isOnPort = /:[0-9]+$/.test(authority);
    return refuse(
      'key-too-wide',
      isOnPort ? 'it matches every host of one label on this port: name the registries' : TOO_WIDE,
    );
  }
  if (path === '/v1' || path === '/v2') {
    const right = authority === 'index.docker.io' ? 'https://index.docker.io/v1/' : `${authority}${path}/`;
    return refuse(
      'key-version-slash',
      `the slash at the end is missing, so "${path}" is part of the path: write ${displayText(right)}`,
    );
  }
  return undefined;
}

/** Other names of Docker Hub, of which no image of Docker Hub is looked up under any. Its own in capitals is none. */
function isOtherHubName(key: string, host: string, port: string): boolean {
  if (host === HUB_HOST) return port !== '';
  return key !== HUB_FALLBACK_KEY && /^([a-z0-9.-]+\.docker\.io|([a-z0-9.-]+\.)?docker\.com)$/i.test(host);
}

function warnOfKey(where: string, key: string, { authority }: WrittenKey): readonly SourceWarning[] {
  const { labels, port } = splitHost(authority);
  const host = labels.join('.');
  const isHubName = isOtherHubName(key, host, port);
  return [
    ...(isHubName ? [warnHubName(where)] : []),
    ...(/[A-Z]/.test(host) ? [warnHostCase(where)] : []),
    ...(authority.endsWith(':') ? [warnEmptyPort(where)] : []),
    ...(key.includes('/') && !key.endsWith('/') && !isHubName ? [warnPathBoundary(where, key)] : []),
  ];
}

function refuse(code: EntryRefusalCode, sentence: string): KeyRefusal {
  return { kind: 'refused', code, sentence };
}
