// kubectl's label selector syntax, in full (k8s.io/apimachinery, pkg/labels, `Parse` and `Requirement.Matches`).

import { displayText } from './display.ts';
import { readTokens, type Token, type TokenKind } from './label-selector-tokens.ts';
import { explainLabelKey, explainLabelValue } from './label-syntax.ts';

/** All requirements must hold; none at all matches everything. */
export interface LabelSelector {
  readonly requirements: readonly Requirement[];
}

export type Requirement =
  | { readonly operator: 'exists' | 'missing'; readonly key: string }
  | { readonly operator: 'in' | 'notin'; readonly key: string; readonly values: readonly string[] }
  | { readonly operator: 'above' | 'below'; readonly key: string; readonly bound: bigint };

export type SelectorResult =
  | { readonly kind: 'valid'; readonly selector: LabelSelector }
  | { readonly kind: 'invalid'; readonly sentence: string };

/** Parses a selector as `kubectl -l` does; the sentence says what is wrong and quotes no more than a word of it. */
export function parseSelector(text: string): SelectorResult {
  const parser = new Parser(readTokens(text));
  const requirements = parser.parse();
  return requirements === undefined
    ? { kind: 'invalid', sentence: parser.problem }
    : { kind: 'valid', selector: { requirements } };
}

/** Tells whether an object with these labels is selected. */
export function matchesSelector(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return selector.requirements.every((requirement) => holds(requirement, labels));
}

function holds(requirement: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case 'exists':
      return value !== undefined;
    case 'missing':
      return value === undefined;
    case 'in':
      return value !== undefined && requirement.values.includes(value);
    case 'notin':
      return value === undefined || !requirement.values.includes(value);
    case 'above':
      return compareInt64(value, (number) => number > requirement.bound);
    case 'below':
      return compareInt64(value, (number) => number < requirement.bound);
    default:
      return false;
  }
}

function compareInt64(value: string | undefined, compare: (number: bigint) => boolean): boolean {
  const number = value === undefined ? undefined : parseInt64(value);
  return number !== undefined && compare(number);
}

/** A decimal integer of 64 bits, as Go's `strconv.ParseInt(text, 10, 64)` reads it. */
function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const digits = BigInt(text.replace(/^[+-]/, ''));
  const number = text.startsWith('-') ? -digits : digits;
  return BigInt.asIntN(64, number) === number ? number : undefined;
}

const OPERATORS: readonly TokenKind[] = ['=', '==', '!=', 'in', 'notin', '>', '<'];

class Parser {
  problem = '';
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): readonly Requirement[] | undefined {
    const requirements: Requirement[] = [];
    if (this.#peek() === 'end') return requirements;
    for (;;) {
      const requirement = this.#parseRequirement();
      if (requirement === undefined) return undefined;
      requirements.push(requirement);
      if (this.#peek() === 'end') return requirements;
      if (this.#take().kind !== ',') return this.#fail(this.#at - 1, '"," or the end');
    }
  }

  #parseRequirement(): Requirement | undefined {
    const isNegated = this.#peek() === '!';
    if (isNegated) this.#take();
    if (!this.#isIdentifier()) return this.#fail(this.#at, 'a label key');
    const key = this.#take().text;
    const keyProblem = explainLabelKey(key);
    if (keyProblem !== undefined) return this.#refuse(key, keyProblem);

    if (isNegated) return { operator: 'missing', key };
    if (this.#peek() === 'end' || this.#peek() === ',') return { operator: 'exists', key };
    const operator = this.#take().kind;
    if (!OPERATORS.includes(operator)) return this.#fail(this.#at - 1, 'one of =, ==, !=, in, notin, > and <');
    return operator === 'in' || operator === 'notin' ? this.#parseSet(key, operator) : this.#parseExact(key, operator);
  }

  #parseExact(key: string, operator: TokenKind): Requirement | undefined {
    let value = '';
    if (this.#peek() !== 'end' && this.#peek() !== ',') {
      if (!this.#isIdentifier()) return this.#fail(this.#at, 'a label value');
      value = this.#take().text;
    }
    const problem = explainLabelValue(value);
    if (problem !== undefined) return this.#refuse(value, problem);
    if (operator !== '>' && operator !== '<') {
      return { operator: operator === '!=' ? 'notin' : 'in', key, values: [value] };
    }
    const bound = parseInt64(value);
    if (bound === undefined) return this.#refuse(value, `"${operator}" compares with an integer`);
    return { operator: operator === '>' ? 'above' : 'below', key, bound };
  }

  #parseSet(key: string, operator: 'in' | 'notin'): Requirement | undefined {
    if (this.#take().kind !== '(') return this.#fail(this.#at - 1, '"("');
    // Where a value is left out it is the empty one: `()`, `(,a)` and `(a,)`.
    const values: string[] = [];
    for (;;) {
      const value = this.#isIdentifier() ? this.#take().text : '';
      const problem = explainLabelValue(value);
      if (problem !== undefined) return this.#refuse(value, problem);
      values.push(value);
      const separator = this.#take().kind;
      if (separator === ')') return { operator, key, values };
      if (separator !== ',') return this.#fail(this.#at - 1, '"," or ")"');
    }
  }

  /** Where a key or a value may stand, `in` and `notin` are ordinary words. */
  #isIdentifier(): boolean {
    const kind = this.#peek();
    return kind === 'identifier' || kind === 'in' || kind === 'notin';
  }

  #peek(): TokenKind {
    return this.#tokens[this.#at]?.kind ?? 'end';
  }

  #take(): Token {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token ?? { kind: 'end', text: '' };
  }

  #fail(at: number, expected: string): undefined {
    const token = this.#tokens[at];
    const found = token === undefined || token.kind === 'end' ? 'the end' : `"${displayText(token.text)}"`;
    this.problem = `${expected} was expected where ${found} stands`;
    return undefined;
  }

  #refuse(text: string, problem: string): undefined {
    this.problem = `"${displayText(text)}": ${problem}`;
    return undefined;
  }
}
