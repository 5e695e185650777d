import { isMap, type Node } from 'yaml';
import type { Outcome } from '../core/manifest/outcome.ts';
import { patchValue } from '../core/manifest/patched-value.ts';
import type { Resource } from '../core/manifest/resource.ts';
import type { ValuePath } from '../core/manifest/value-path.ts';
import type { EditContext } from './edit-context.ts';
import type { ManifestDocument, StreamProblem } from './manifest-stream.ts';
import { findNode } from './node-path.ts';
import { editPullSecrets, type EditResult } from './pull-secret-edit.ts';
import type { TextEdit } from './text-edit.ts';
import { lineAt } from './text-line.ts';

/** A document, and what was decided about each of its resources. */
export interface DecidedDocument {
  readonly document: ManifestDocument;
  readonly results: readonly { readonly resource: Resource; readonly outcome: Outcome }[];
}

/** How one document changes. */
export interface DocumentEdit {
  readonly document: ManifestDocument;
  /** Offsets in the stream. */
  readonly edits: readonly TextEdit[];
  /** What the document must mean afterwards: its value with the webhook's patches. */
  readonly expected: unknown;
  readonly shared: readonly SharedEdit[];
  readonly problems: readonly StreamProblem[];
}

/** An edit where other places may mean the same text. */
export interface SharedEdit {
  readonly label: string;
  readonly offset: number;
}

/**
 * Finds where the text of a document must change so that each of its resources that gets the reference has it.
 *
 * @param text the whole stream
 */
export function editDocument(text: string, { document, results }: DecidedDocument, secretName: string): DocumentEdit {
  const edits: TextEdit[] = [];
  const shared: SharedEdit[] = [];
  const problems: StreamProblem[] = [];
  let expected = document.value;
  let context: EditContext | undefined;
  for (const { resource, outcome } of results) {
    if (outcome.kind !== 'decided' || outcome.patch.length === 0 || resource.podPath === undefined) continue;
    expected = patchValue(expected, resource.podPath, outcome.patch);
    context ??= {
      text: text.slice(document.start),
      document: document.nodes(),
      secretName,
      isJson: document.isJson,
    };
    const result = editPod(context, resource.podPath);
    if (result.kind === 'refused') {
      problems.push({
        line: lineAt(text, document.start + result.offset),
        document: document.number,
        sentence: `${resource.label}: ${result.sentence}`,
      });
      continue;
    }
    const placed = result.edits.map((edit) => move(edit, document.start));
    edits.push(...placed);
    if (result.isShared) shared.push({ label: resource.label, offset: placed[0]?.start ?? document.offset });
  }
  return { document, edits, expected, shared, problems };
}

function move({ start, end, text }: TextEdit, by: number): TextEdit {
  return { start: start + by, end: end + by, text };
}

function editPod(context: EditContext, podPath: ValuePath): EditResult {
  const reading = findNode(context.document, [...podPath, 'spec']);
  if (reading.kind === 'refused') return reading;
  if (!isMap<Node, Node>(reading.node)) {
    return { kind: 'refused', offset: 0, sentence: 'its Pod spec was not found in the text' };
  }
  const result = editPullSecrets(context, reading.node);
  return result.kind === 'refused' ? result : { ...result, isShared: result.isShared || reading.isShared };
}
