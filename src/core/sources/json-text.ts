// A strict JSON reader (RFC 8259) that forgets nothing: `JSON.parse` keeps the last of two equal names and cannot say
// that there were two, and Go's decoder and JavaScript's differ in what they make of lone surrogates. It reads
// without recursion, so that no nesting, however deep, can end it.

import { isDigitAt, readNumberEnd, readString } from './json-token.ts';

/** A JSON value with its object members as written: in order, equal names and all. */
export type JsonNode =
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number' | 'boolean' | 'null' };

export interface JsonMember {
  readonly name: string;
  readonly value: JsonNode;
}

export type JsonResult =
  | { readonly kind: 'json'; readonly node: JsonNode; readonly flaws: readonly JsonFlaw[] }
  | { readonly kind: 'invalid'; readonly position: Position; readonly problem: string };

/** Where JSON's grammar is kept and readers still differ in what is meant. */
export type JsonFlaw =
  | { readonly kind: 'repeated-name'; readonly name: string }
  | { readonly kind: 'lone-surrogate'; readonly position: Position };

/** Both count from 1; columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The problem of a text that goes on behind its value. */
export const TRAILING_DATA = 'data follows the value';

/** Go's decoder gives up beyond this depth (encoding/json, `maxNestingDepth`). */
const DEEPEST = 10_000;

/** Reads one JSON value that fills the whole text. */
export function readJson(text: string): JsonResult {
  const reader = new Reader(text);
  const node = reader.read();
  if (node === undefined) return { kind: 'invalid', position: positionOf(text, reader.at), problem: reader.problem };
  const flaws = reader.flaws.map((flaw): JsonFlaw =>
    flaw.kind === 'lone-surrogate' ? { kind: flaw.kind, position: positionOf(text, flaw.at) } : flaw,
  );
  return { kind: 'json', node, flaws };
}

/** As many as anyone would read: a text of nothing else must not take long. */
const MOST_FLAWS = 50;

type FlawAt = { readonly kind: 'repeated-name'; readonly name: string } | { kind: 'lone-surrogate'; at: number };

/** A container that is still open. */
type Frame =
  | { readonly kind: 'object'; readonly members: JsonMember[]; readonly names: Set<string>; name: string }
  | { readonly kind: 'array'; readonly items: JsonNode[] };

class Reader {
  readonly flaws: FlawAt[] = [];
  at = 0;
  /** What is wrong at `at`, once reading has failed. */
  problem = '';
  readonly #text: string;
  readonly #open: Frame[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonNode | undefined {
    for (;;) {
      let value = this.#readValue();
      // A value closes as many containers as end right behind it.
      while (value !== undefined && value !== 'opened') {
        const frame = this.#open.at(-1);
        if (frame === undefined) return this.#readEnd(value);
        value = this.#continue(frame, value);
      }
      if (value === undefined) return undefined;
    }
  }

  /** Reads a value up to its end, or an opening bracket and what must follow before the first value inside. */
  #readValue(): JsonNode | 'opened' | undefined {
    this.#skipSpace();
    const first = this.#text.charAt(this.at);
    switch (first) {
      case '{':
        return this.#openObject();
      case '[':
        return this.#openArray();
      case '"': {
        const text = this.#readString();
        return text === undefined ? undefined : { kind: 'string', text };
      }
      case 't':
        return this.#readWord('true', { kind: 'boolean' });
      case 'f':
        return this.#readWord('false', { kind: 'boolean' });
      case 'n':
        return this.#readWord('null', { kind: 'null' });
      default:
        return first === '-' || isDigitAt(this.#text, this.at)
          ? this.#readNumber()
          : this.#fail('a value was expected');
    }
  }

  #openObject(): JsonNode | 'opened' | undefined {
    const frame: Frame = { kind: 'object', members: [], names: new Set(), name: '' };
    if (!this.#push(frame)) return undefined;
    if (this.#take('}')) return this.#close(frame);
    return this.#readName(frame) ? 'opened' : undefined;
  }

  #openArray(): JsonNode | 'opened' | undefined {
    const frame: Frame = { kind: 'array', items: [] };
    if (!this.#push(frame)) return undefined;
    return this.#take(']') ? this.#close(frame) : 'opened';
  }

  /** Steps over an opening bracket and the space behind it. */
  #push(frame: Frame): boolean {
    if (this.#open.length >= DEEPEST) {
      this.#fail(`more than ${DEEPEST} objects and arrays lie in one another`);
      return false;
    }
    this.#open.push(frame);
    this.at += 1;
    this.#skipSpace();
    return true;
  }

  /** Puts a value into its container: 'opened' when another follows, the container when it ends here. */
  #continue(frame: Frame, value: JsonNode): JsonNode | 'opened' | undefined {
    if (frame.kind === 'object') frame.members.push({ name: frame.name, value });
    else frame.items.push(value);

    this.#skipSpace();
    if (this.#take(',')) return frame.kind === 'array' || this.#readName(frame) ? 'opened' : undefined;
    if (!this.#take(frame.kind === 'object' ? '}' : ']')) {
      return this.#fail(frame.kind === 'object' ? '"," or "}" was expected' : '"," or "]" was expected');
    }
    return this.#close(frame);
  }

  #close(frame: Frame): JsonNode {
    this.#open.pop();
    return frame.kind === 'object' ? { kind: 'object', members: frame.members } : { kind: 'array', items: frame.items };
  }

  #readName(frame: Extract<Frame, { kind: 'object' }>): boolean {
    this.#skipSpace();
    if (this.#text.charAt(this.at) !== '"') {
      this.#fail('a name in double quotes was expected');
      return false;
    }
    const name = this.#readString();
    if (name === undefined) return false;
    if (frame.names.has(name)) this.#note({ kind: 'repeated-name', name });
    frame.names.add(name);
    frame.name = name;
    this.#skipSpace();
    if (this.#take(':')) return true;
    this.#fail('":" was expected');
    return false;
  }

  #readString(): string | undefined {
    const start = this.at;
    const token = readString(this.#text, start);
    this.at = token.end;
    if (token.kind === 'invalid') return this.#fail(token.problem);
    if (token.hasLoneSurrogate) this.#note({ kind: 'lone-surrogate', at: start });
    return token.text;
  }

  #readNumber(): JsonNode | undefined {
    const end = readNumberEnd(this.#text, this.at);
    if (end === undefined) return this.#fail('a number was expected');
    this.at = end;
    return { kind: 'number' };
  }

  #readWord(word: string, node: JsonNode): JsonNode | undefined {
    if (!this.#text.startsWith(word, this.at)) return this.#fail('a value was expected');
    this.at += word.length;
    return node;
  }

  #readEnd(value: JsonNode): JsonNode | undefined {
    this.#skipSpace();
    return this.at === this.#text.length ? value : this.#fail(TRAILING_DATA);
  }

  #skipSpace(): void {
    while (this.at < this.#text.length && ' \t\r\n'.includes(this.#text.charAt(this.at))) this.at += 1;
  }

  #take(character: string): boolean {
    if (this.#text.charAt(this.at) !== character) return false;
    this.at += 1;
    return true;
  }

  #note(flaw: FlawAt): void {
    if (this.flaws.length < MOST_FLAWS) this.flaws.push(flaw);
  }

  #fail(problem: string): undefined {
    this.problem = problem;
    return undefined;
  }
}

function positionOf(text: string, at: number): Position {
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: at - lineStart + 1 };
}

/** A value's kind with its article. */
export function describeKind(node: JsonNode): string {
  switch (node.kind) {
    case 'object':
    case 'array':
      return `an ${node.kind}`;
    case 'null':
      return 'null';
    default:
      return `a ${node.kind}`;
  }
}
