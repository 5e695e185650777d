import type { JsonNode } from './json-text.ts';

/** The fields that the kubelet reads of an entry. */
export const ENTRY_FIELDS = ['username', 'password', 'email', 'auth'] as const;

/** The field that Go's decoder would take the name for although it is spelled in another case, or undefined. */
export function fieldDifferingByCase(name: string, fields: readonly string[]): string | undefined {
  return fields.find((field) => field !== name && isSameField(field, name));
}

/** Tells whether Go's decoder takes two names for one field. */
export function isSameField(left: string, right: string): boolean {
  return foldCase(left) === foldCase(right);
}

/**
 * Folds as Go's encoding/json does: each character alone, by Unicode's simple folding. Of the characters that are not
 * ASCII, two fold to a letter: the long s and the Kelvin sign.
 */
function foldCase(name: string): string {
  return name
    .replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replaceAll('\u017f', 's')
    .replaceAll('\u212a', 'k');
}

/** Tells whether a value of a docker config is a registry's entry, by the fields that only such entries have. */
export function looksLikeEntry(value: JsonNode): boolean {
  return (
    value.kind === 'object' &&
    value.members.some(
      ({ name, value: field }) =>
        field.kind === 'string' && [...ENTRY_FIELDS, 'identitytoken', 'registrytoken'].includes(name),
    )
  );
}
