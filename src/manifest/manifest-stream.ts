import { Composer, parseDocument, Parser, type Document, type YAMLError } from 'yaml';
import { splitJsonValues, type JsonSpan } from './json-values.ts';
import { findOpenString, joinLines } from './line-joining.ts';
import { lineAt } from './text-line.ts';
import { explainYamlError } from './yaml-problem.ts';

/** One document of a stream: its value, and where its parts stand in the text. */
export interface ManifestDocument {
  /** Counted from 1. */
  readonly number: number;
  /** Where in the stream its content starts. */
  readonly offset: number;
  readonly value: unknown;
  /** Where the parts stand; node offsets count from `start`. JSON is parsed for it at each call. */
  readonly nodes: () => NodeDocument;
  /** The offset in the stream that node offsets count from. */
  readonly start: number;
  /** JSON, in which only double quotes will do. */
  readonly isJson: boolean;
}

/** A parsed document with its nodes' source tokens. */
export type NodeDocument = Document.Parsed;

/** Why a stream cannot be read or edited, for people. Holds nothing of the stream's content but names. */
export interface StreamProblem {
  readonly line: number;
  readonly document: number;
  readonly sentence: string;
}

export type StreamReading =
  | { readonly kind: 'documents'; readonly documents: readonly ManifestDocument[] }
  | { readonly kind: 'invalid'; readonly problems: readonly StreamProblem[] };

/** Reads a stream of YAML documents, or of JSON objects one after the other. */
export function readStream(text: string): StreamReading {
  const spans = splitJsonValues(text);
  if (spans !== undefined) {
    return { kind: 'documents', documents: spans.map((span, index) => readJsonSpan(text, span, index + 1)) };
  }
  return readYaml(text);
}

function readJsonSpan(text: string, { start, end, value }: JsonSpan, number: number): ManifestDocument {
  return {
    number,
    offset: start,
    value,
    // JSON is YAML; only its parts' places are asked of this parser, never their values.
    nodes: () => parseDocument(text.slice(start, end), PARSE_OPTIONS),
    start,
    isJson: true,
  };
}

/**
 * Duplicate keys are legal to most readers and judged where they matter; `strict: false` takes what go-yaml takes
 * (a closing bracket in the first column); merge keys are what go-yaml makes of "<<" in every version.
 */
const PARSE_OPTIONS = {
  keepSourceTokens: true,
  logLevel: 'error',
  merge: true,
  prettyErrors: false,
  strict: false,
  stringKeys: true,
  uniqueKeys: false,
} as const;

function readYaml(text: string): StreamReading {
  const readable = makeReadable(text);
  const reading = composeYaml(text, readable);
  if (reading.kind === 'documents') return reading;
  const joined = joinLines(readable);
  return joined === readable ? reading : composeYaml(text, joined);
}

/**
 * Two things that go-yaml takes and this parser does not, each replaced by a line break, so that every offset stays: a
 * byte order mark at the start of any line (files that were put one after the other), and a CR alone as a line break.
 */
function makeReadable(text: string): string {
  const marked = text.includes('\ufeff') ? text.replaceAll(/(?<=^|[\r\n])\ufeff/g, '\n') : text;
  return marked.includes('\r') ? marked.replaceAll(/\r(?!\n)/g, '\n') : marked;
}

/** @param readable the text, as long and with everything in its place, made fit for the parser */
function composeYaml(text: string, readable: string): StreamReading {
  const composer = new Composer(PARSE_OPTIONS);
  const documents: ManifestDocument[] = [];
  const problems: StreamProblem[] = [];
  let number = 0;
  for (const document of composer.compose(new Parser().parse(readable))) {
    number += 1;
    const result = readYamlDocument(text, document, number);
    if ('sentence' in result) problems.push(result);
    else documents.push(result);
  }
  if (number === 0) {
    // Directives alone are no document, and can be wrong all the same.
    const [error] = composer.streamInfo().errors;
    if (error !== undefined) problems.push(problemAt(text, error.pos[0], 1, explainYamlError(error.code, text)));
  }
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'documents', documents };
}

function readYamlDocument(text: string, document: NodeDocument, number: number): ManifestDocument | StreamProblem {
  const [error] = document.errors;
  if (error !== undefined) return explainError(text, document, error, number);
  const offset = document.contents?.range[0] ?? document.range[0];
  try {
    return {
      number,
      offset,
      value: document.toJS({ maxAliasCount: MOST_ALIASES }),
      nodes: () => document,
      start: 0,
      isJson: false,
    };
  } catch {
    return problemAt(
      text,
      offset,
      number,
      'its aliases (*) or merge keys (<<) cannot be followed: one has no anchor (&) before it, or merges what is no mapping, or there are too many',
    );
  }
}

function explainError(text: string, document: NodeDocument, error: YAMLError, number: number): StreamProblem {
  const [from, , to] = document.range;
  const source = text.slice(from, to);
  // An open quote takes in all that follows; what is wrong is told of its end, what to do is at its start.
  const open = error.code === 'MISSING_CHAR' ? findOpenString(source) : undefined;
  return open === undefined
    ? problemAt(text, error.pos[0], number, explainYamlError(error.code, source))
    : problemAt(text, from + open, number, 'it is not YAML: the string that starts here has no closing quote');
}

/** How often one anchor may be used, nested uses multiplied: far more than a manifest needs, and no danger to memory. */
const MOST_ALIASES = 10_000;

function problemAt(text: string, offset: number, document: number, sentence: string): StreamProblem {
  return { line: lineAt(text, offset), document, sentence };
}
