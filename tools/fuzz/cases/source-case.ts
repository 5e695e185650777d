import { HUB_HOST, isDefaultRegistry } from '../../../src/core/kubelet/docker-hub.ts';
import { renderDockerConfig } from '../../../src/core/secret/canonical.ts';
import { placeHubKey } from '../../../src/core/sources/docker-hub.ts';
import { createKeyring, type Keyring } from '../../../src/core/sources/keyring.ts';
import type { RefusalCode } from '../../../src/core/sources/refusal.ts';
import { secretFormat } from '../../../src/core/sources/secret-format.ts';
import { readSource, type Source } from '../../../src/core/sources/source.ts';
import type { PullSecret, Question } from '../../oracle/protocol.ts';
import { compare, type CaseKind, type Disagreement } from './case-kind.ts';
import { listFound, namesOf } from './found-credentials.ts';

/** What a source holds, and what the managed Secret made of it gives. */
export interface SourceCase {
  readonly kind: 'source';
  readonly type: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** By data key: text, or bytes in base64 behind `base64,`. */
  readonly data: Readonly<Record<string, string>>;
  readonly images: readonly string[];
}

/** Three questions: the source itself; its accepted entries alone, as they stood in it; the managed Secret. */
export const sourceKind: CaseKind<SourceCase> = {
  questions(testCase) {
    const source = readCase(testCase);
    const secrets = [rawSecret(testCase), acceptedSecret(testCase, source), managedSecret(keyringOf(source))];
    return secrets.map((secret) => askFor(secret, testCase.images));
  },
  judge(testCase, [raw, accepted, managed]) {
    const { images } = testCase;
    const source = readCase(testCase);
    const keyring = keyringOf(source);
    const ours = namesOf(images).map((name) => keyring.find(name));
    const kubelet = listFound(images, raw?.lookup);
    return {
      kubelet,
      disagreements: [
        ...compare(
          'our lookup finds what the kubelet finds in the managed Secret',
          listFound(images, managed?.lookup),
          listFound(images, ours),
        ),
        ...compare(
          'the managed Secret gives what its entries gave as they stood in the source, but for Docker Hub',
          listFound(images, accepted?.lookup),
          listFound(images, withoutAddedFallback(namesOf(images), ours, keyring)),
        ),
        ...(source.refusals.length === 0 && raw?.lookup !== 'unreadable'
          ? compare(
              'a source of which nothing is refused gives what it gave, each credential once',
              listOnce(images, raw?.lookup ?? []),
              listOnce(images, ours),
            )
          : []),
        ...judgeRefusals(testCase.type, source, kubelet),
        ...findLeaks(source),
      ],
    };
  },
};

function judgeRefusals(type: string, { scope, entries, refusals }: Source, kubelet: unknown): readonly Disagreement[] {
  const codes = refusals.filter(({ extent }) => extent !== 'scope').map(({ code }) => code);
  const isUnreadable = kubelet === 'unreadable';
  const isSource = secretFormat(type) !== undefined || scope.kind !== 'none';
  return [
    ...(isSource && entries.length === 0 && codes.length === 0
      ? compare('a source ends in entries or in refusals', kubelet, 'neither')
      : []),
    ...(isUnreadable && codes.length === 0 ? compare('what the kubelet cannot read is refused', kubelet, 'taken') : []),
    ...(!isUnreadable && codes.some((code) => unreadableCodes.has(code))
      ? compare('what is refused as unreadable is unreadable to the kubelet', kubelet, codes)
      : []),
  ];
}

const unreadableCodes: ReadonlySet<RefusalCode> = new Set([
  'not-json',
  'trailing-data',
  'headers-type',
  'field-type',
  'auth-undecodable',
] as const);

/** Begins the user names and passwords of generated cases, and so, in base64, their `auth`. */
export const canary = 'q7';

function findLeaks({ refusals, warnings }: Source): readonly Disagreement[] {
  const said = JSON.stringify([refusals, warnings]);
  // The third character of base64 holds two bits of what follows.
  return /q7|cT[cd]/.test(said) ? compare('no sentence holds a credential', 'none', said) : [];
}

/** Reads the case's Secret as a source. */
export function readCase({ type, annotations = {}, data }: SourceCase): Source {
  return readSource({ name: 'source', type, annotations, data: decodeData(data) });
}

function decodeData(data: SourceCase['data']): Record<string, Uint8Array> {
  const decoded = Object.entries(data).map(([key, value]): [string, Uint8Array] => [key, decodeValue(value)]);
  return Object.fromEntries(decoded);
}

const base64Mark = 'base64,';

function decodeValue(value: string): Uint8Array {
  return value.startsWith(base64Mark) ? Buffer.from(value.slice(base64Mark.length), 'base64') : Buffer.from(value);
}

/** Text as it stands, bytes that are none in base64: the form of {@link SourceCase}. */
export function encodeValue(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString();
  return Buffer.from(text).equals(bytes) ? text : base64Mark + Buffer.from(bytes).toString('base64');
}

function keyringOf({ name, entries }: Source): Keyring {
  return createKeyring(entries.map(({ key, username, password }) => ({ key, username, password, source: name })));
}

/**
 * Written for the fallback, Docker Hub's key also serves images that are of Docker Hub only by default
 * (`localhost/x`); as `docker.io` it did not. Everything else must stay the same.
 */
function withoutAddedFallback(
  names: readonly string[],
  found: readonly ReturnType<Keyring['find']>[],
  { entries }: Keyring,
): readonly ReturnType<Keyring['find']>[] {
  const place = placeHubKey(entries);
  const moved = entries.find((entry) => place(entry) !== entry.key);
  return found.map((credentials, index) => {
    const name = names[index] ?? '';
    const isAdded = isDefaultRegistry(name) && !name.startsWith(`${HUB_HOST}/`) && credentials[0] === moved;
    return moved !== undefined && isAdded ? [] : credentials;
  });
}

/**
 * What was found, each credential once: spellings of one registry are one entry to us. Without images that are of
 * Docker Hub only by default, see {@link withoutAddedFallback}.
 */
function listOnce(
  images: readonly string[],
  found: readonly (readonly { readonly username: string; readonly password: string }[])[],
): ReturnType<typeof listFound> {
  const names = namesOf(images);
  const once = found.map((credentials, index) => {
    const name = names[index] ?? '';
    if (isDefaultRegistry(name) && !name.startsWith(`${HUB_HOST}/`)) return [];
    return [...new Map(credentials.map((each) => [JSON.stringify([each.username, each.password]), each])).values()];
  });
  return listFound(images, once);
}

function rawSecret({ type, data }: SourceCase): PullSecret {
  return { name: 'source', type, data: decodeData(data) };
}

/** The accepted entries' own JSON. No name stands twice in a source of which something is accepted. */
function acceptedSecret({ type, data }: SourceCase, { entries }: Source): PullSecret {
  const format = secretFormat(type);
  if (format === undefined || entries.length === 0) return managedSecret(createKeyring([]));
  const text = Buffer.from(decodeValue(data[format.dataKey] ?? '')).toString();
  const document = JSON.parse(text) as { auths: object };
  const accepted = new Set(entries.map(({ rawKey }) => rawKey));
  const values = Object.entries(format.dataKey === '.dockercfg' ? document : document.auths);
  const members = values
    .filter(([key]) => accepted.has(key))
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return dockerConfigSecret(`{"auths":{${members.join(',')}}}`);
}

function managedSecret(keyring: Keyring): PullSecret {
  return dockerConfigSecret(renderDockerConfig(keyring));
}

function dockerConfigSecret(text: string): PullSecret {
  return { name: 'managed', type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': Buffer.from(text) } };
}

function askFor(secret: PullSecret, images: readonly string[]): Question {
  return { lookup: { secrets: [secret], names: namesOf(images) } };
}
