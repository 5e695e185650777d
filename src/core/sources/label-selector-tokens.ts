// The tokens of kubectl's label selector syntax (k8s.io/apimachinery, pkg/labels, `Lexer`).

export type TokenKind = 'end' | 'identifier' | 'in' | 'notin' | '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '>' | '<';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const SYMBOLS: ReadonlyMap<string, TokenKind> = new Map(
  (['(', ')', ',', '!', '=', '==', '!=', '>', '<'] as const).map((symbol) => [symbol, symbol]),
);

/** Splits a selector; the last token is always 'end'. A NUL ends a token and,
 * where a token would start, the text. */
export function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (isSpace(text.charAt(at))) at += 1;
    const first = text.charAt(at);
    if (first === '' || first === '\0') {
      tokens.push({ kind: 'end', text: '' });
      return tokens;
    }
    const token = isSymbol(first) ? readSymbol(text, at) : readWord(text, at);
    tokens.push(token);
    at += token.text.length;
    if (text.charAt(at) === '\0') at += 1;
  }
}

/** The longest symbol whose every beginning is one too: `!==` is `!=` and `=`. */
function readSymbol(text: string, start: number): Token {
  let length = 1;
  while (SYMBOLS.has(text.slice(start, start + length + 1)) && start + length < text.length) length += 1;
  const symbol = text.slice(start, start + length);
  return { kind: SYMBOLS.get(symbol) ?? 'end', text: symbol };
}

function readWord(text: string, start: number): Token {
  let end = start;
  while (end < text.length && !isSymbol(text.charAt(end)) && !isSpace(text.charAt(end)) && text.charAt(end) !== '\0') {
    end += 1;
  }
  const word = text.slice(start, end);
  return { kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word };
}

function isSpace(character: string): boolean {
  return character !== '' && ' \t\r\n'.includes(character);
}

function isSymbol(character: string): boolean {
  return character !== '' && '=!(),><'.includes(character);
}
