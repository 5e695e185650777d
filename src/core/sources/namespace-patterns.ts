import { displayText } from './display.ts';

/** The value of `pullkeeper.dev/namespaces`: names, `*` globs, and `*` alone for every enabled namespace. */
export interface NamespacePatterns {
  readonly names: ReadonlySet<string>;
  readonly globs: readonly string[];
  readonly isEverywhere: boolean;
}

export type PatternsResult =
  | { readonly kind: 'valid'; readonly patterns: NamespacePatterns }
  | { readonly kind: 'invalid'; readonly sentence: string };

/** A namespace's name is a DNS label (RFC 1123). */
const LONGEST_NAME = 63;

/** Reads comma-separated names and globs; spaces around them do not count. */
export function readNamespacePatterns(text: string): PatternsResult {
  const items = text.split(',').map((item) => item.trim());
  const problem = items.map(explainItem).find((sentence) => sentence !== undefined);
  if (problem !== undefined) return { kind: 'invalid', sentence: problem };
  const isEverywhere = items.some((item) => /^\*+$/.test(item));
  return {
    kind: 'valid',
    patterns: {
      names: new Set(items.filter((item) => !item.includes('*'))),
      globs: items.filter((item) => item.includes('*') && !/^\*+$/.test(item)),
      isEverywhere,
    },
  };
}

/** `*` stands for any number of characters, none too. */
export function matchesGlob(glob: string, name: string): boolean {
  const parts = glob.split('*');
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  // The leftmost place for each part in turn leaves the most room for the next.
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}

function explainItem(item: string): string | undefined {
  if (item === '')
    return 'a name is missing: write names and * globs with commas between them, or "*" for every enabled namespace';
  const quoted = `"${displayText(item)}"`;
  if (/\s/.test(item)) return `${quoted} holds a space: write commas between names`;
  if (!/^[a-z0-9*-]+$/.test(item)) {
    return `${quoted} is no namespace's name: write lower-case letters, digits and "-", with "*" for any of them`;
  }
  if (item.startsWith('-') || item.endsWith('-')) return `${quoted} is no namespace's name: it has "-" at an end`;
  if (item.replaceAll('*', '').length > LONGEST_NAME)
    return `${quoted} is longer than the ${LONGEST_NAME} characters of a namespace's name`;
  return undefined;
}
