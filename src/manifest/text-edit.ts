/** One change of a text: what stands from `start` up to `end` gives way to `text`. Equal offsets: an insertion. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all edits made; the same edit twice is made once. They must not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let edited = '';
  let at = 0;
  for (const edit of distinctEdits(edits)) {
    edited += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return edited + text.slice(at);
}

/** The edits in the order of the text, each once: two resources that share their Pod spec ask for the same one. */
export function distinctEdits(edits: readonly TextEdit[]): readonly TextEdit[] {
  const byPlace = new Map(edits.map((edit) => [`${edit.start} ${edit.end} ${edit.text}`, edit]));
  return [...byPlace.values()].sort((left, right) => left.start - right.start);
}
