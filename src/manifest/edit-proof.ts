import { isDeepStrictEqual } from 'node:util';
import type { DocumentEdit } from './document-edit.ts';
import { readStream, type StreamProblem } from './manifest-stream.ts';
import { lineAt } from './text-line.ts';

/**
 * Reads the edited stream and compares it with what it must mean: each document's old value with the webhook's patches,
 * without any other difference. An edit that changed more, through an anchor, an alias or a merge key, is found here.
 *
 * @param text the stream before
 * @returns why the stream must not be written; empty when it is right
 */
export function proveStream(
  text: string,
  output: string,
  documents: readonly DocumentEdit[],
): readonly StreamProblem[] {
  const reading = readStream(output);
  if (reading.kind === 'invalid' || reading.documents.length !== documents.length) {
    return documents.filter(({ edits }) => edits.length > 0).map((document) => explain(text, document));
  }
  return documents
    .filter(({ expected }, index) => !isDeepStrictEqual(reading.documents[index]?.value, expected))
    .map((document) => explain(text, document));
}

function explain(text: string, { document, shared }: DocumentEdit): StreamProblem {
  const [first] = shared;
  if (first === undefined) {
    return {
      line: lineAt(text, document.offset),
      document: document.number,
      sentence:
        'the reference cannot be added by an edit of the text alone: add it by hand, and please report the document',
    };
  }
  const labels = shared.map(({ label }) => label).join(', ');
  return {
    line: lineAt(text, first.offset),
    document: document.number,
    sentence: `${labels}: an anchor (&), alias (*) or merge key (<<) shares the Pod spec or its list, and the reference would reach other parts of the document, or take the place of a shared list: write this Pod spec out, or add the reference by hand`,
  };
}
