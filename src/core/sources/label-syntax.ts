// What Kubernetes allows as a label's key and value (k8s.io/apimachinery, pkg/api/validate/content/kube.go).

import { isDnsSubdomain } from '../dns-name.ts';

const LONGEST_NAME = 63;

const WORD = "letters, digits, '-', '_' or '.', a letter or digit at both ends";

/** Why the text is no label key, or undefined when it is one: `[PREFIX/]NAME`. */
export function explainLabelKey(key: string): string | undefined {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) return 'a label key holds one "/" at most';
  if (parts.length === 2 && !isDnsSubdomain(parts[0] ?? '')) {
    return "the part of a label key before the \"/\" is a DNS name: lower-case letters, digits, '-' and '.'";
  }
  if (name === '') return 'a label key has a name';
  if (name.length > LONGEST_NAME) return `the name of a label key has at most ${LONGEST_NAME} characters`;
  return isWord(name) ? undefined : `the name of a label key is ${WORD}`;
}

/** Why the text is no label value, or undefined when it is one; the empty text is one. */
export function explainLabelValue(value: string): string | undefined {
  if (value.length > LONGEST_NAME) return `a label value has at most ${LONGEST_NAME} characters`;
  return value === '' || isWord(value) ? undefined : `a label value is ${WORD}`;
}

function isWord(text: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(text) && /^[A-Za-z0-9]/.test(text) && /[A-Za-z0-9]$/.test(text);
}
