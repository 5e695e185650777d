// What is taken although it may surprise (docs/sources.md, "What warns"), each with a sentence that says how.

import { displayText } from './display.ts';

export type SourceWarningCode =
  'no-scope' | 'path-boundary' | 'auth-wins' | 'password-newline' | 'host-case' | 'hub-name' | 'empty-port';

/** Something in a source that is legal and perhaps not meant. */
export interface SourceWarning {
  readonly code: SourceWarningCode;
  /** A registry key as written, cleaned, or `annotations`. */
  readonly where: string;
  readonly sentence: string;
}

/** A pull Secret in Pullkeeper's own namespace that says nowhere where it may go. */
export function warnNoScope(): SourceWarning {
  return {
    code: 'no-scope',
    where: 'annotations',
    sentence:
      'it reaches no namespace yet: annotate it with pullkeeper.dev/namespaces (names and * globs) or pullkeeper.dev/namespace-selector',
  };
}

export function warnPathBoundary(where: string, normalised: string): SourceWarning {
  return {
    code: 'path-boundary',
    where,
    sentence: `a path is a plain prefix, so it also matches ${displayText(longerPath(normalised))}: end it with "/" if it stands for all repositories below it`,
  };
}

/** A name that nobody meant. Of a long one the end, which is what differs: the key stands before the sentence. */
function longerPath(normalised: string): string {
  const longer = `${normalised}${/[a-z0-9]$/.test(normalised) ? '-evil' : 'evil'}`;
  // An image of one word is looked up under library/.
  const name = /^docker\.io\/[^/]*$/.test(longer) ? `${longer}/app` : longer;
  return name.length > 60 ? `…${name.slice(-30)}` : name;
}

export function warnAuthWins(where: string): SourceWarning {
  return {
    code: 'auth-wins',
    where,
    sentence:
      '"auth" differs from "username" and "password", and the kubelet reads "auth" alone: write the same in both, or one',
  };
}

export function warnPasswordNewline(where: string): SourceWarning {
  return {
    code: 'password-newline',
    where,
    sentence: 'the password ends in a newline, which is sent to the registry: made by echo without -n?',
  };
}

export function warnHostCase(where: string): SourceWarning {
  return {
    code: 'host-case',
    where,
    sentence:
      'the host holds an upper-case letter and matches images that are spelled the same way only: write it in lower case',
  };
}

export function warnHubName(where: string): SourceWarning {
  return {
    code: 'hub-name',
    where,
    sentence: 'the kubelet never looks up Docker Hub under this name: write https://index.docker.io/v1/ for Docker Hub',
  };
}

export function warnEmptyPort(where: string): SourceWarning {
  return {
    code: 'empty-port',
    where,
    sentence: 'nothing follows the ":" of the port: it is read as no port, write it without',
  };
}
