// What is asked of the oracle and what it answers: one JSON object a line, as main.go reads and writes them.

import { fromByteString } from '../../src/core/kubelet/byte-string.ts';

/** Any of these; each is answered in the field of the same name. */
export interface Question {
  readonly images?: readonly string[];
  readonly keys?: readonly string[];
  readonly lookup?: {
    readonly secrets: readonly PullSecret[];
    /** Repository names as an image parses to, not images. */
    readonly names: readonly string[];
  };
  readonly selector?: {
    readonly text: string;
    readonly labels: readonly Readonly<Record<string, string>>[];
  };
}

/** A pull Secret of a Pod. */
export interface PullSecret {
  readonly name: string;
  readonly type: string;
  readonly data: Readonly<Record<string, Uint8Array>>;
}

export interface Answer {
  readonly images: readonly ParsedImage[];
  /** The key that each is stored under; undefined where the kubelet drops it. */
  readonly keys: readonly (string | undefined)[];
  readonly lookup?: LookupAnswer;
  readonly selector?: SelectorAnswer;
}

/** `invalid`: the kubelet stops with InvalidImageName. */
export type ParsedImage = { readonly name: string; readonly tag?: string; readonly digest?: string } | 'invalid';

/** `unreadable`: the kubelet cannot make a keyring of these Secrets; else a list of credentials for each name. */
export type LookupAnswer = readonly (readonly FoundCredential[])[] | 'unreadable';

export interface FoundCredential {
  readonly username: string;
  readonly password: string;
  /** The name of the Secret it came from. */
  readonly secret: string;
}

/** `invalid`: the selector does not parse; else whether each set of labels is selected. */
export type SelectorAnswer = readonly boolean[] | 'invalid';

/** The line to send, without its end. */
export function encodeQuestion({ lookup, ...question }: Question): string {
  return JSON.stringify(
    lookup === undefined ? question : { ...question, lookup: { ...lookup, secrets: lookup.secrets.map(encodeSecret) } },
  );
}

function encodeSecret({ data, ...secret }: PullSecret): object {
  const encoded = Object.entries(data).map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64')]);
  return { ...secret, data: Object.fromEntries(encoded) };
}

/** Reads a line that main.go has written. Throws where it could not read the question. */
export function decodeAnswer(line: string): Answer {
  const raw = JSON.parse(line) as RawAnswer;
  if (raw.error !== undefined) throw new Error(`the oracle cannot read the question: ${raw.error}`);
  return {
    images: (raw.images ?? []).map(({ name, tag, digest, error }) =>
      error !== undefined || name === undefined
        ? 'invalid'
        : { name, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) },
    ),
    keys: (raw.keys ?? []).map(({ normalised, dropped }) => (dropped === true ? undefined : decodeBytes(normalised))),
    ...(raw.lookup === undefined ? {} : { lookup: decodeLookup(raw.lookup) }),
    ...(raw.selector === undefined
      ? {}
      : { selector: raw.selector.error === undefined ? (raw.selector.matches ?? []) : 'invalid' }),
  };
}

interface RawAnswer {
  readonly images?: readonly { name?: string; tag?: string; digest?: string; error?: string }[];
  readonly keys?: readonly { normalised: string | null; dropped?: boolean }[];
  readonly lookup?: RawLookup;
  readonly selector?: { matches: readonly boolean[] | null; error?: string };
  readonly error?: string;
}

interface RawLookup {
  readonly credentials: readonly { username: string | null; password: string | null; secret: string }[][] | null;
  readonly error?: string;
}

function decodeLookup({ credentials, error }: RawLookup): LookupAnswer {
  if (error !== undefined) return 'unreadable';
  return (credentials ?? []).map((found) =>
    found.map(({ username, password, secret }) => ({
      username: decodeBytes(username),
      password: decodeBytes(password),
      secret,
    })),
  );
}

/** Go writes bytes in base64, and none at all as null. */
function decodeBytes(base64: string | null): string {
  return fromByteString(Buffer.from(base64 ?? '', 'base64').toString('latin1'));
}
