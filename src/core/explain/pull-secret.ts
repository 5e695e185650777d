// What the kubelet makes of a pull Secret that somebody else wrote (k8s.io/kubernetes/pkg/credentialprovider, `config.go`).
// Pullkeeper's own sources are read by stricter rules (core/sources); here the question is what happens on the node.
// Only keys are kept, never a credential.

import { normaliseKey } from '../kubelet/registry-key.ts';
import { decodeAuthBase64 } from '../sources/base64.ts';
import { ENTRY_FIELDS, isSameField } from '../sources/docker-fields.ts';
import { describeKind, readJson, type JsonMember, type JsonNode } from '../sources/json-text.ts';
import { DOCKERCFG, secretFormat } from '../sources/secret-format.ts';

/** One entry of a pull Secret. */
export interface HeldKey {
  readonly rawKey: string;
  /** Normalised (kubelet/registry-key.ts); undefined where the kubelet drops the key. */
  readonly key: string | undefined;
}

export type PullSecretContent =
  | { readonly kind: 'keys'; readonly keys: readonly HeldKey[] }
  /** The kubelet takes nothing from it and goes on. */
  | { readonly kind: 'skipped'; readonly sentence: string }
  /** The kubelet cannot decode it, and every pull of a Pod that lists it fails. */
  | { readonly kind: 'broken'; readonly sentence: string };

/** Reads a Secret as the kubelet does. `data`: decoded from the API's base64. */
export function readPullSecret(type: string, data: Readonly<Record<string, Uint8Array>>): PullSecretContent {
  const format = secretFormat(type);
  if (format === undefined) return { kind: 'skipped', sentence: `it is of type ${type === '' ? 'Opaque' : type}` };
  const bytes = Object.hasOwn(data, format.dataKey) ? data[format.dataKey] : undefined;
  if (bytes === undefined || bytes.length === 0) {
    return { kind: 'skipped', sentence: `it holds nothing under ${format.dataKey}` };
  }

  // Go's decoder takes a byte order mark for a character that JSON does not know, and bytes that are no UTF-8 for U+FFFD.
  const document = readJson(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  if (document.kind === 'invalid') {
    const { problem, position } = document;
    return broken(`it is not JSON, ${problem} at line ${position.line}, column ${position.column}`);
  }
  return format === DOCKERCFG ? readEntries(document.node, 'the document') : readAuths(document.node);
}

function broken(sentence: string): PullSecretContent {
  return { kind: 'broken', sentence };
}

/** Go matches field names whatever their case, merges repeated `auths`, and empties them at a null. */
function readAuths(document: JsonNode): PullSecretContent {
  if (document.kind === 'null') return { kind: 'keys', keys: [] };
  if (document.kind !== 'object') return broken(`the document is ${describeKind(document)}, not an object`);
  let keys: readonly HeldKey[] = [];
  for (const { name, value } of document.members) {
    if (isSameField(name, 'HttpHeaders') && !isHeaders(value))
      return broken('"HttpHeaders" is not an object of strings');
    if (!isSameField(name, 'auths')) continue;
    if (value.kind === 'null') {
      keys = [];
      continue;
    }
    const content = readEntries(value, '"auths"');
    if (content.kind !== 'keys') return content;
    keys = mergeKeys(keys, content.keys);
  }
  return { kind: 'keys', keys };
}

function readEntries(node: JsonNode, what: string): PullSecretContent {
  if (node.kind === 'null') return { kind: 'keys', keys: [] };
  if (node.kind !== 'object') return broken(`${what} is ${describeKind(node)}, not an object`);
  for (const member of node.members) {
    const flaw = explainEntry(member);
    // The registry key is not quoted: in a broken file it may be anything.
    if (flaw !== undefined) return broken(`the entry of a registry cannot be read: ${flaw}`);
  }
  return {
    kind: 'keys',
    keys: mergeKeys(
      [],
      node.members.map(({ name }) => ({ rawKey: name, key: normaliseKey(name) })),
    ),
  };
}

function mergeKeys(before: readonly HeldKey[], added: readonly HeldKey[]): readonly HeldKey[] {
  return [...new Map([...before, ...added].map((held) => [held.rawKey, held])).values()];
}

function isHeaders(value: JsonNode): boolean {
  if (value.kind === 'null') return true;
  return value.kind === 'object' && value.members.every(({ value: { kind } }) => kind === 'string' || kind === 'null');
}

/** What makes an entry an error. One without any credential is no error. */
function explainEntry({ value }: JsonMember): string | undefined {
  if (value.kind === 'null') return undefined;
  if (value.kind !== 'object') return `it is ${describeKind(value)}, not an object`;
  let auth = '';
  for (const { name, value: field } of value.members) {
    const known = ENTRY_FIELDS.find((each) => isSameField(name, each));
    if (known === undefined || field.kind === 'null') continue;
    if (field.kind !== 'string') return `"${known}" is ${describeKind(field)}, not a string`;
    if (known === 'auth') auth = field.text;
  }
  if (auth === '') return undefined;
  const decoded = decodeAuthBase64(auth);
  if (decoded === undefined) return '"auth" is not base64';
  return decoded.includes(COLON) ? undefined : '"auth" decodes to something without ":"';
}

const COLON = 0x3a;
