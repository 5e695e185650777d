import { decideResource, type Outcome } from '../core/manifest/outcome.ts';
import { isResource, listResources, type Resource } from '../core/manifest/resource.ts';
import { collectServiceAccounts, type ServiceAccount } from '../core/manifest/service-account.ts';
import { editDocument, type DecidedDocument } from './document-edit.ts';
import { proveStream } from './edit-proof.ts';
import { readStream, type ManifestDocument, type StreamProblem } from './manifest-stream.ts';
import { applyEdits, distinctEdits, type TextEdit } from './text-edit.ts';
import { lineAt } from './text-line.ts';

/** A stream of manifests: a file, or standard input. */
export interface ManifestStream {
  /** For people. */
  readonly name: string;
  readonly text: string;
}

export interface InjectionOptions {
  readonly secretName: string;
  /** The credentials that the kubelet would find in the managed Secret for an image's lookup string. */
  readonly find: (imageName: string) => readonly { readonly source: string }[];
}

export type InjectionResult =
  | { readonly kind: 'injected'; readonly streams: readonly InjectedStream[] }
  /** Every problem of every stream; nothing is to be written. */
  | { readonly kind: 'failed'; readonly problems: readonly InjectionProblem[] };

/** One stream with the reference in every Pod template that needs it. */
export interface InjectedStream {
  readonly text: string;
  /** What was changed, in the order of the text. */
  readonly edits: readonly TextEdit[];
  readonly results: readonly Result[];
}

/** What became of one resource, or of a document that is none. */
export type Result =
  | { readonly kind: 'resource'; readonly resource: Resource; readonly outcome: Outcome }
  | { readonly kind: 'not-a-resource'; readonly document: number; readonly line: number };

/** Why there is no output. */
export interface InjectionProblem extends StreamProblem {
  readonly stream: string;
}

/**
 * Adds the reference to every Pod template that the webhook would add it to, as an edit of the text: what is not
 * inserted stays byte for byte. ServiceAccounts count across all streams, since all are applied together.
 */
export function injectStreams(streams: readonly ManifestStream[], options: InjectionOptions): InjectionResult {
  const read = streams.map((stream) => readDocuments(stream));
  const unread = read.flatMap(({ problems }) => problems);
  if (unread.length > 0) return { kind: 'failed', problems: unread };

  const resources = read.flatMap(({ documents }) => documents.flatMap((document) => document.resources));
  const accounts = collectServiceAccounts(resources);
  const edited = read.map(({ stream, documents }) =>
    editStream(
      stream,
      documents.map((document) => decideDocument(document, accounts, options)),
      options.secretName,
    ),
  );
  const refused = edited.flatMap(({ problems }) => problems);
  if (refused.length > 0) return { kind: 'failed', problems: refused };
  return { kind: 'injected', streams: edited.map(({ injected }) => injected) };
}

interface ReadDocument {
  readonly document: ManifestDocument;
  readonly resources: readonly Resource[];
}

function readDocuments(stream: ManifestStream): {
  readonly stream: ManifestStream;
  readonly documents: readonly ReadDocument[];
  readonly problems: readonly InjectionProblem[];
} {
  const reading = readStream(stream.text);
  if (reading.kind === 'invalid') return { stream, documents: [], problems: locate(stream, reading.problems) };
  const documents = reading.documents.map((document) => ({ document, resources: listResources(document.value) }));
  return { stream, documents, problems: [] };
}

function decideDocument(
  { document, resources }: ReadDocument,
  accounts: readonly ServiceAccount[],
  { secretName, find }: InjectionOptions,
): DecidedDocument {
  const results = resources.map((resource) => ({
    resource,
    outcome: decideResource({ document: document.value, resource, secretName, accounts, find }),
  }));
  return { document, results };
}

function editStream(
  stream: ManifestStream,
  documents: readonly DecidedDocument[],
  secretName: string,
): { readonly injected: InjectedStream; readonly problems: readonly InjectionProblem[] } {
  const changes = documents.map((document) => editDocument(stream.text, document, secretName));
  const edits = distinctEdits(changes.flatMap((change) => change.edits));
  const text = applyEdits(stream.text, edits);
  const refused = changes.flatMap(({ problems }) => problems);
  const problems = refused.length > 0 || edits.length === 0 ? refused : proveStream(stream.text, text, changes);
  return {
    injected: { text, edits, results: documents.flatMap((document) => listResults(stream.text, document)) },
    problems: locate(stream, problems),
  };
}

function listResults(text: string, { document, results }: DecidedDocument): readonly Result[] {
  if (results.length > 0) return results.map((result) => ({ kind: 'resource', ...result }));
  // A document without content, or a list without items.
  if (document.value === null || isResource(document.value)) return [];
  return [{ kind: 'not-a-resource', document: document.number, line: lineAt(text, document.offset) }];
}

function locate(stream: ManifestStream, problems: readonly StreamProblem[]): readonly InjectionProblem[] {
  return problems.map((problem) => ({ ...problem, stream: stream.name }));
}
