// One entry of a docker config: from a registry key and its value to a credential, or to what is wrong.

import { HUB_HOST } from '../kubelet/docker-hub.ts';
import { normaliseKey } from '../kubelet/registry-key.ts';
import { decodeAuthBase64 } from './base64.ts';
import { displayKey } from './display.ts';
import { ENTRY_FIELDS } from './docker-fields.ts';
import { registryOf } from './docker-hub.ts';
import { describeKind, type JsonMember, type JsonNode } from './json-text.ts';
import { checkKey } from './key-check.ts';
import { refuseEntry, type Refusal } from './refusal.ts';
import { warnAuthWins, warnPasswordNewline, type SourceWarning } from './source-warning.ts';
import { decodeUtf8 } from './utf8.ts';

/** One credential that a source holds. */
export interface SourceEntry {
  /** As the kubelet normalises it (kubelet/registry-key.ts). */
  readonly key: string;
  readonly rawKey: string;
  readonly username: string;
  readonly password: string;
}

interface EntriesResult {
  readonly entries: readonly SourceEntry[];
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly SourceWarning[];
}

/** Reads all entries of one source. `hasCredentialHelper`: its file names a store that may hold the credentials. */
export function readEntries(members: readonly JsonMember[], hasCredentialHelper: boolean): EntriesResult {
  const read = members.map((member) => readEntry(member, hasCredentialHelper));
  // A name that stands twice refuses the whole source; to say more of it, the last counts, as for the kubelet.
  const byRawKey = new Map(read.flatMap(({ entry }) => (entry === undefined ? [] : [[entry.rawKey, entry]])));
  const { entries, refusals } = settleSameRegistry([...byRawKey.values()]);
  return {
    entries,
    refusals: [...read.flatMap((result) => result.refusals), ...refusals],
    warnings: read.flatMap((result) => result.warnings),
  };
}

interface EntryResult {
  readonly entry?: SourceEntry;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly SourceWarning[];
}

function readEntry({ name: rawKey, value }: JsonMember, hasCredentialHelper: boolean): EntryResult {
  const where = displayKey(rawKey);
  const checked = checkKey(rawKey);
  const key = checked.kind === 'key' ? checked.key : undefined;
  const credential = readCredential(value, hasCredentialHelper);

  const refusals = [
    ...(checked.kind === 'refused' ? [refuseEntry(checked.code, where, checked.sentence, meantKey(rawKey))] : []),
    ...(credential.kind === 'refused' ? [refuseEntry(credential.code, where, credential.sentence, key)] : []),
  ];
  if (key === undefined || checked.kind === 'refused' || credential.kind === 'refused')
    return { refusals, warnings: [] };

  const { username, password } = credential;
  const warnings = [
    ...checked.warnings,
    ...(credential.authWins ? [warnAuthWins(where)] : []),
    ...(password.endsWith('\n') ? [warnPasswordNewline(where)] : []),
  ];
  return { entry: { key, rawKey, username, password }, refusals, warnings };
}

/** The registry that a refused key stands for, where it stands for one and shows nothing that should not be seen. */
function meantKey(rawKey: string): string | undefined {
  // A "?" or "#" before the last "@" is part of a password, and what the kubelet takes for the host is a user name.
  const mark = rawKey.search(/[?#]/);
  if (mark >= 0 && rawKey.includes('@', mark)) return undefined;
  const key = normaliseKey(rawKey);
  return key !== undefined && displayKey(key) === key ? key : undefined;
}

type Credential =
  | { readonly kind: 'credential'; readonly username: string; readonly password: string; readonly authWins: boolean }
  | {
      readonly kind: 'refused';
      readonly code: 'value-not-object' | 'field-type' | 'auth-undecodable' | 'auth-not-utf8' | 'no-credential';
      readonly sentence: string;
    };

function readCredential(value: JsonNode, hasCredentialHelper: boolean): Credential {
  if (value.kind !== 'object') {
    const sentence = `its value is ${describeKind(value)}: write an object, {"username":…,"password":…}`;
    return { kind: 'refused', code: 'value-not-object', sentence };
  }
  const fields = readFields(value.members);
  if (fields.kind === 'refused') return fields;

  const credential = settleAuth(fields);
  if (credential.kind === 'refused' || credential.username !== '' || credential.password !== '') return credential;
  const sentence = `it has no user name and no password: ${hint(value.members, hasCredentialHelper)}`;
  return { kind: 'refused', code: 'no-credential', sentence };
}

interface Fields {
  readonly username: string;
  readonly password: string;
  readonly auth: string;
}

/** `auth` replaces user name and password, unless it is empty. */
function settleAuth({ username, password, auth }: Fields): Credential {
  if (auth === '') return { kind: 'credential', username, password, authWins: false };
  const decoded = decodeAuth(auth);
  if (decoded.kind === 'refused') return decoded;
  const authWins =
    (username !== '' && username !== decoded.username) || (password !== '' && password !== decoded.password);
  return { kind: 'credential', username: decoded.username, password: decoded.password, authWins };
}

function readFields(
  members: readonly JsonMember[],
): Extract<Credential, { kind: 'refused' }> | ({ readonly kind: 'fields' } & Fields) {
  const texts = { username: '', password: '', email: '', auth: '' };
  for (const field of ENTRY_FIELDS) {
    for (const { name, value } of members) {
      if (name !== field || value.kind === 'null') continue;
      if (value.kind !== 'string') {
        return {
          kind: 'refused',
          code: 'field-type',
          sentence: `"${field}" is ${describeKind(value)}: write a string`,
        };
      }
      texts[field] = value.text;
    }
  }
  return { kind: 'fields', username: texts.username, password: texts.password, auth: texts.auth };
}

function hint(members: readonly JsonMember[], hasCredentialHelper: boolean): string {
  const token = members.find(({ name }) => name === 'identitytoken' || name === 'registrytoken')?.name;
  if (token !== undefined) {
    return `the credential is not in this file, for the kubelet reads no "${token}": write a user name and an access token as password`;
  }
  if (hasCredentialHelper) {
    return 'the credential is not in this file but with its "credsStore" or "credHelpers", which the kubelet never asks: write it here';
  }
  return 'write {"username":…,"password":…}';
}

function decodeAuth(
  auth: string,
): Extract<Credential, { kind: 'refused' }> | { kind: 'decoded'; username: string; password: string } {
  const bytes = decodeAuthBase64(auth);
  if (bytes === undefined) {
    const sentence =
      '"auth" is not base64: write base64 of USER:PASSWORD, or leave it out and write "username" and "password"';
    return { kind: 'refused', code: 'auth-undecodable', sentence };
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) {
    const sentence = '"auth" decodes to something that is not UTF-8: write base64 of USER:PASSWORD in UTF-8';
    return { kind: 'refused', code: 'auth-not-utf8', sentence };
  }
  const colon = text.indexOf(':');
  if (colon < 0) {
    const sentence = '"auth" decodes to something without ":": write base64 of USER:PASSWORD';
    return { kind: 'refused', code: 'auth-undecodable', sentence };
  }
  return { kind: 'decoded', username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * Two keys of one registry: the same credential counts once, different ones not at all. Of Docker Hub's two, docker.io
 * is kept: it may have to stay so in the managed Secret, and index.docker.io would not become it.
 */
function settleSameRegistry(entries: readonly SourceEntry[]): Pick<EntriesResult, 'entries' | 'refusals'> {
  const byRegistry = Map.groupBy(entries, ({ key }) => registryOf(key));
  const kept: SourceEntry[] = [];
  const refusals: Refusal[] = [];
  for (const [, [first, ...others]] of byRegistry) {
    if (first === undefined) continue;
    if (others.every(({ username, password }) => username === first.username && password === first.password)) {
      kept.push(others.find(({ key }) => key === HUB_HOST) ?? first);
      continue;
    }
    for (const entry of [first, ...others]) {
      const names = [first, ...others]
        .filter((other) => other !== entry)
        .map(({ rawKey }) => `"${displayKey(rawKey)}"`);
      refusals.push(
        refuseEntry(
          'same-registry',
          displayKey(entry.rawKey),
          `it is the same registry as ${names.join(' and ')}, with another credential: keep one of them`,
          entry.key,
        ),
      );
    }
  }
  return { entries: kept, refusals };
}
