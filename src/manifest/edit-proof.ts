import { isDeepStrictEqual } from 'node:util';
import type { DocumentEdit } from './document-edit.ts';
import { readStream, type StreamProblem } from './manifest-stream.ts';

/**
 * Reads the edited stream and holds it against what it must mean: each document its old value with the webhook's
 * patches, and not one difference more. What an edit did besides, through an anchor, an alias or a merge key, shows here.
 *
 * @returns why the stream must not be written; empty when it is right
 */
export function proveStream(output: string, documents: readonly DocumentEdit[]): readonly StreamProblem[] {
  const reading = readStream(output);
  if (reading.kind === 'invalid' || reading.documents.length !== documents.length) {
    return documents.filter(({ edits }) => edits.length > 0).map(explain);
  }
  return documents
    .filter(({ expected }, index) => !isDeepStrictEqual(reading.documents[index]?.value, expected))
    .map(explain);
}

function explain({ document, shared }: DocumentEdit): StreamProblem {
  const { line, number } = document;
  const labels = shared.map(({ label }) => label).join(', ');
  const sentence =
    shared.length > 0
      ? `${labels}: the Pod spec is shared by an anchor (&), alias (*) or merge key (<<), and the reference would reach other parts of the document too: write this Pod spec out, or add the reference by hand`
      : 'the reference cannot be added by an edit of the text alone: add it by hand, and please report the document';
  return { line, document: number, sentence };
}
