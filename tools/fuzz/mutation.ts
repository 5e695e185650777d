import * as fc from 'fast-check';

/** A small change of a text at a place that is found from a fraction, so that it fits texts of any length. */
export interface Mutation {
  readonly place: number;
  readonly change: 'insert' | 'delete' | 'replace' | 'upper' | 'cut';
  readonly piece: string;
}

/** Most texts stay as they are; of the others most are changed once. */
export function mutated(texts: fc.Arbitrary<string>, pieces: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(texts, mutations(pieces)).map(([text, changes]) => changes.reduce(mutate, text));
}

/** The changes alone, for a text that is only known later. */
export function mutations(pieces: readonly string[]): fc.Arbitrary<readonly Mutation[]> {
  const mutation = fc.record({
    place: fc.nat(999),
    change: fc.constantFrom<Mutation['change']>('insert', 'insert', 'replace', 'delete', 'upper', 'cut'),
    piece: fc.constantFrom(...pieces),
  });
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 4, arbitrary: fc.array(mutation, { maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(mutation, { maxLength: 4 }) },
  );
}

/** Applies one change. */
export function mutate(text: string, { place, change, piece }: Mutation): string {
  const at = place % (text.length + 1);
  switch (change) {
    case 'insert':
      return text.slice(0, at) + piece + text.slice(at);
    case 'replace':
      return text.slice(0, at) + piece + text.slice(at + 1);
    case 'delete':
      return text.slice(0, at) + text.slice(at + 1);
    case 'upper':
      return text.slice(0, at) + text.charAt(at).toUpperCase() + text.slice(at + 1);
    default:
      return text.slice(0, at);
  }
}
