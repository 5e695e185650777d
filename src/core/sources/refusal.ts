// What is refused (docs/sources.md, "What is refused"), each with a sentence that says what is wrong and what to write. No
// sentence holds a user name, a password or an `auth` value; registry keys come in already cleaned (display.ts).

export type SourceRefusalCode =
  | 'secret-type'
  | 'data-missing'
  | 'data-empty'
  | 'not-utf8'
  | 'byte-order-mark'
  | 'not-json'
  | 'trailing-data'
  | 'not-an-object'
  | 'repeated-name'
  | 'name-case'
  | 'lone-surrogate'
  | 'headers-type'
  | 'no-registry'
  | 'other-type-content';

export type EntryRefusalCode =
  | 'key-user-info'
  | 'key-character'
  | 'key-scheme'
  | 'key-port'
  | 'key-version-slash'
  | 'key-too-wide'
  | 'key-unmatchable'
  | 'value-not-object'
  | 'field-type'
  | 'auth-undecodable'
  | 'auth-not-utf8'
  | 'no-credential'
  | 'same-registry';

export type ScopeRefusalCode = 'annotation-unknown' | 'namespaces-invalid' | 'selector-invalid';

export type RefusalCode = SourceRefusalCode | EntryRefusalCode | ScopeRefusalCode;

/** Something that Pullkeeper does not take from a source. */
export interface Refusal {
  readonly code: RefusalCode;
  /** What does not count: all that the source holds, one entry, or where the source may go. */
  readonly extent: 'source' | 'entry' | 'scope';
  /** The part of the Secret: `type`, a data key, an annotation, or a registry key as written, cleaned. */
  readonly where: string;
  /** The registry that a refused entry is for, normalised, if that can be told: it may have been good before. */
  readonly key?: string;
  /** What is wrong and what to write. */
  readonly sentence: string;
}

/** The whole source does not count. */
export function refuseSource(code: SourceRefusalCode, where: string, sentence: string): Refusal {
  return { code, extent: 'source', where, sentence };
}

/** One entry does not count; `key` is the registry that it is for, normalised, if that can be told. */
export function refuseEntry(code: EntryRefusalCode, where: string, sentence: string, key?: string): Refusal {
  return key === undefined
    ? { code, extent: 'entry', where, sentence }
    : { code, extent: 'entry', where, key, sentence };
}

/** The source may go nowhere. */
export function refuseScope(code: ScopeRefusalCode, annotation: string, sentence: string): Refusal {
  return { code, extent: 'scope', where: annotation, sentence };
}
