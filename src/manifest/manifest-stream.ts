import { Composer, parseDocument, Parser, type Document } from 'yaml';
import { splitJsonValues, type JsonSpan } from './json-values.ts';
import { lineAt } from './text-line.ts';
import { explainYamlError } from './yaml-problem.ts';

/** One document of a stream, as what it means and as where its parts stand. */
export interface ManifestDocument {
  /** Counted from 1. */
  readonly number: number;
  /** The line of the stream that its content starts in. */
  readonly line: number;
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
    line: lineAt(text, start),
    value,
    // JSON is YAML; only its parts' places are asked of this parser, never their values.
    nodes: () => parseDocument(text.slice(start, end), parseOptions),
    start,
    isJson: true,
  };
}

/**
 * Duplicate keys are legal to most readers and judged where they matter; `strict: false` takes what go-yaml takes
 * (a closing bracket in the first column); merge keys are what go-yaml makes of "<<" in every version.
 */
const parseOptions = {
  keepSourceTokens: true,
  logLevel: 'error',
  merge: true,
  prettyErrors: false,
  strict: false,
  stringKeys: true,
  uniqueKeys: false,
} as const;

function readYaml(text: string): StreamReading {
  const composer = new Composer(parseOptions);
  const documents: ManifestDocument[] = [];
  const problems: StreamProblem[] = [];
  let number = 0;
  for (const document of composer.compose(new Parser().parse(blankMarks(text)))) {
    number += 1;
    const result = readYamlDocument(text, document, number);
    if ('sentence' in result) problems.push(result);
    else documents.push(result);
  }
  if (number === 0) {
    // Directives alone are no document, and can be wrong all the same.
    const [error] = composer.streamInfo().errors;
    if (error !== undefined) problems.push(problemAt(text, error.pos[0], 1, explainYamlError(error, text)));
  }
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'documents', documents };
}

/**
 * A byte order mark may start any line for go-yaml (files that were put one after the other), and for this parser only
 * the first: a line break in its place keeps every offset.
 */
function blankMarks(text: string): string {
  return text.includes('\ufeff') ? text.replaceAll(/(?<=^|\n)\ufeff/g, '\n') : text;
}

function readYamlDocument(text: string, document: NodeDocument, number: number): ManifestDocument | StreamProblem {
  const [from, , to] = document.range;
  const [error] = document.errors;
  if (error !== undefined) {
    return problemAt(text, error.pos[0], number, explainYamlError(error, text.slice(from, to)));
  }
  const offset = document.contents?.range[0] ?? from;
  try {
    return {
      number,
      line: lineAt(text, offset),
      value: document.toJS({ maxAliasCount: mostAliases }),
      nodes: () => document,
      start: 0,
      isJson: false,
    };
  } catch {
    return problemAt(
      text,
      offset,
      number,
      'its aliases or merge keys (<<) cannot be followed: one merges something that is no mapping, or there are too many',
    );
  }
}

/** Of uses of one anchor, nested ones multiplied: far more than a manifest needs, and no danger to memory. */
const mostAliases = 10_000;

function problemAt(text: string, offset: number, document: number, sentence: string): StreamProblem {
  return { line: lineAt(text, offset), document, sentence };
}
