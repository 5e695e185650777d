import type { ErrorCode } from 'yaml';

/**
 * What is wrong with a text that is not YAML, and what to do. The parser's own messages are not used: some quote the
 * text, and a manifest may hold a Secret.
 *
 * @param text the document's text, to tell a template from a mistake
 */
export function explainYamlError(code: ErrorCode, text: string): string {
  const sentence = `it is not YAML: ${SENTENCES[code]}`;
  if (!text.includes('{{')) return sentence;
  return `${sentence}; a Helm template must be rendered first: helm template … | pullkeeper inject -f -`;
}

const SENTENCES: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias cannot have an anchor or a tag',
  BAD_ALIAS: 'an alias (*name) has no anchor (&name) before it',
  BAD_COLLECTION_TYPE: 'a tag does not fit what it stands on',
  BAD_DIRECTIVE: 'a directive (%…) is malformed',
  BAD_DQ_ESCAPE: 'a double-quoted string holds an escape that YAML does not know',
  BAD_INDENT: 'the indentation does not fit, or a bracket is not closed',
  BAD_PROP_ORDER: 'an anchor or a tag stands in the wrong place',
  BAD_SCALAR_START: 'a value starts with a character that YAML reserves: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping or a list starts where a plain value must stand',
  BLOCK_IN_FLOW: 'an indented mapping or list stands inside of brackets',
  DUPLICATE_KEY: 'a key stands twice in one mapping',
  IMPOSSIBLE: 'it could not be understood',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'a character is missing, such as ":", ",", a quote or a bracket',
  MULTILINE_IMPLICIT_KEY: 'a key goes over more than one line, or the ":" after it is missing',
  MULTIPLE_ANCHORS: 'a value has two anchors',
  MULTIPLE_DOCS: 'there is more than one document',
  MULTIPLE_TAGS: 'a value has two tags',
  NON_STRING_KEY: 'a mapping or a list stands where a key must stand',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
  TAB_AS_INDENT: 'a tab stands where the indentation must be spaces',
  TAG_RESOLVE_FAILED: 'a tag does not fit its value',
  UNEXPECTED_TOKEN: 'something stands here that does not belong here',
};
