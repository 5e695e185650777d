import { isDnsLabel, isDnsSubdomain } from './core/dns-name.ts';

/** What is wrong with a flag whose value is to be a namespace's name: one sentence, or none. */
export function explainNamespaceFlag(flag: string, name: string): readonly string[] {
  if (isDnsLabel(name)) return [];
  return [
    `--${flag}: ${JSON.stringify(name)} is not a namespace's name (lower-case letters, digits and -, 63 at most)`,
  ];
}

/** The same of a Secret's name. */
export function explainSecretFlag(flag: string, name: string): readonly string[] {
  if (isDnsSubdomain(name)) return [];
  return [
    `--${flag}: ${JSON.stringify(name)} is not a Secret's name (lower-case letters, digits, - and ., 253 at most)`,
  ];
}
