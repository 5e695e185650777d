// A docker config's document, down to its entries. What the kubelet makes of one is Go's decoding of it
// (k8s.io/kubernetes/pkg/credentialprovider, `config.go`); where readers differ, the source is refused.

import { displayKey, displayText } from './display.ts';
import { ENTRY_FIELDS, fieldDifferingByCase, looksLikeEntry } from './docker-fields.ts';
import { describeKind, readJson, TRAILING_DATA, type JsonFlaw, type JsonMember, type JsonNode } from './json-text.ts';
import { refuseSource, type Refusal } from './refusal.ts';
import { DOCKERCFG, DOCKER_CONFIG_JSON, type SecretFormat } from './secret-format.ts';
import { decodeUtf8 } from './utf8.ts';

/** A docker config. Its entries do not count when there are refusals; they are there to report all at once. */
export interface DockerConfig {
  readonly entries: readonly JsonMember[];
  readonly refusals: readonly Refusal[];
  /** The document names a `credsStore` or `credHelpers`, which the kubelet never asks. */
  readonly hasCredentialHelper: boolean;
}

/** Reads the bytes under the Secret's data key. */
export function readDockerConfig(format: SecretFormat, bytes: Uint8Array): DockerConfig {
  const document = readDocument(format, bytes);
  if (document.kind === 'refused') {
    return { entries: [], refusals: [document.refusal], hasCredentialHelper: false };
  }
  const { members, flaws } = document;
  const layout = format === DOCKERCFG ? readLegacyLayout(members) : readLayout(members);
  return {
    entries: layout.entries,
    refusals: [
      ...flaws.map((flaw) => refuseFlaw(format.dataKey, flaw)),
      ...refuseNameCase(format.dataKey, layout.entries),
      ...layout.refusals,
    ],
    hasCredentialHelper: members.some(({ name }) => name === 'credsStore' || name === 'credHelpers'),
  };
}

type Document =
  | { readonly kind: 'document'; readonly members: readonly JsonMember[]; readonly flaws: readonly JsonFlaw[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

function readDocument({ dataKey: where, example }: SecretFormat, bytes: Uint8Array): Document {
  if (bytes.length === 0) return refused(refuseSource('data-empty', where, `it is empty: write ${example}`));
  const text = decodeUtf8(bytes);
  if (text === undefined) {
    return refused(
      refuseSource('not-utf8', where, 'it is not UTF-8 (PowerShell writes UTF-16): save the file as UTF-8'),
    );
  }
  if (text.startsWith('\ufeff')) {
    return refused(refuseSource('byte-order-mark', where, 'it starts with a byte order mark: save the file without'));
  }

  const result = readJson(text);
  if (result.kind === 'invalid') {
    const place = `at line ${result.position.line}, column ${result.position.column}`;
    if (result.problem === TRAILING_DATA) {
      return refused(
        refuseSource('trailing-data', where, `data follows the JSON ${place}: write one object and nothing else`),
      );
    }
    const hint = isBase64(text) ? 'it looks like base64, and was encoded twice: encode it once' : `write ${example}`;
    return refused(refuseSource('not-json', where, `it is not JSON (${result.problem} ${place}): ${hint}`));
  }
  if (result.node.kind !== 'object') {
    return refused(
      refuseSource('not-an-object', where, `it is ${describeKind(result.node)} and not an object: write ${example}`),
    );
  }
  return { kind: 'document', members: result.node.members, flaws: result.flaws };
}

/** In two steps: one expression that allows spaces both amid and behind takes the square of their number. */
function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/]+=*$/.test(text.replaceAll(/\s/g, ''));
}

function refused(refusal: Refusal): Document {
  return { kind: 'refused', refusal };
}

function refuseFlaw(where: string, flaw: JsonFlaw): Refusal {
  if (flaw.kind === 'repeated-name') {
    return refuseSource(
      'repeated-name',
      where,
      `the name "${displayKey(flaw.name)}" stands twice in one object: keep one`,
    );
  }
  const { line, column } = flaw.position;
  return refuseSource(
    'lone-surrogate',
    where,
    `the string at line ${line}, column ${column} holds half of a surrogate pair (\\uD800 to \\uDFFF): write the whole character`,
  );
}

interface Layout {
  readonly entries: readonly JsonMember[];
  readonly refusals: readonly Refusal[];
}

/** `{"auths": {HOST: ENTRY}}` */
function readLayout(members: readonly JsonMember[]): Layout {
  const where = DOCKER_CONFIG_JSON.dataKey;
  const refusals = members.flatMap(({ name, value }) => [
    ...refuseDifferentCase(where, name, ['auths', 'HttpHeaders']),
    ...(name === 'HttpHeaders' ? refuseHeaders(where, value) : []),
  ]);

  const auths = members.findLast(({ name }) => name === 'auths')?.value;
  if (auths !== undefined && auths.kind !== 'object' && auths.kind !== 'null') {
    const sentence = `"auths" is ${describeKind(auths)} and not an object: write ${DOCKER_CONFIG_JSON.example}`;
    return { entries: [], refusals: [...refusals, refuseSource('not-an-object', where, sentence)] };
  }
  const entries = auths?.kind === 'object' ? auths.members : [];
  if (entries.length > 0) return { entries, refusals };

  if (auths === undefined && members.some(({ value }) => looksLikeEntry(value))) {
    return { entries, refusals: [...refusals, refuseOtherType(where, DOCKERCFG)] };
  }
  // Where the name is only spelled in another case, that is all there is to say.
  const isMisspelled = members.some(({ name }) => fieldDifferingByCase(name, ['auths']) !== undefined);
  return { entries, refusals: isMisspelled ? refusals : [...refusals, refuseNoRegistry(DOCKER_CONFIG_JSON, members)] };
}

/** `{HOST: ENTRY}`: every name is a host, `auths` too. */
function readLegacyLayout(members: readonly JsonMember[]): Layout {
  const where = DOCKERCFG.dataKey;
  const auths = members.findLast(({ name }) => name === 'auths')?.value;
  if (auths !== undefined && !looksLikeEntry(auths)) {
    return { entries: [], refusals: [refuseOtherType(where, DOCKER_CONFIG_JSON)] };
  }
  return { entries: members, refusals: members.length > 0 ? [] : [refuseNoRegistry(DOCKERCFG, members)] };
}

function refuseOtherType(where: string, right: SecretFormat): Refusal {
  return refuseSource(
    'other-type-content',
    where,
    `this is the content of a Secret of type ${right.type}: create it anew with that type, under the data key ${right.dataKey}`,
  );
}

function refuseNoRegistry({ dataKey, example }: SecretFormat, members: readonly JsonMember[]): Refusal {
  const helper = members.find(({ name }) => name === 'credsStore' || name === 'credHelpers');
  const hint =
    helper === undefined
      ? `write ${example}`
      : `the credentials are not in this file but with its "${helper.name}", which the kubelet never asks: write them into "auths"`;
  return refuseSource('no-registry', dataKey, `it holds no registry: ${hint}`);
}

/** Go decodes `HttpHeaders` as string to string and fails the whole Secret over anything else. */
function refuseHeaders(where: string, headers: JsonNode): readonly Refusal[] {
  const isSound =
    headers.kind === 'null' ||
    (headers.kind === 'object' &&
      headers.members.every(({ value }) => value.kind === 'string' || value.kind === 'null'));
  if (isSound) return [];
  return [
    refuseSource(
      'headers-type',
      where,
      '"HttpHeaders" is not an object of strings: the kubelet reads no such file, leave it out',
    ),
  ];
}

function refuseNameCase(where: string, entries: readonly JsonMember[]): readonly Refusal[] {
  return entries.flatMap(({ value }) =>
    value.kind === 'object' ? value.members.flatMap(({ name }) => refuseDifferentCase(where, name, ENTRY_FIELDS)) : [],
  );
}

function refuseDifferentCase(where: string, name: string, fields: readonly string[]): readonly Refusal[] {
  const field = fieldDifferingByCase(name, fields);
  if (field === undefined) return [];
  return [
    refuseSource(
      'name-case',
      where,
      `the name "${displayText(name)}" differs from "${field}" only by case: write "${field}"`,
    ),
  ];
}
