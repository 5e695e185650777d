// How the kubelet reads an image (distribution/reference v0.6.0, `ParseNormalizedNamed`).

import { isDigest, isName, isTag, pathLength } from './reference-grammar.ts';

/** An image as the kubelet reads it. `name` is what it looks up: repository with domain, no tag, no digest. */
export type ImageReference =
  | { readonly kind: 'valid'; readonly name: string; readonly tag?: string; readonly digest?: string }
  | { readonly kind: 'invalid'; readonly reason: string };

const DEFAULT_DOMAIN = 'docker.io';
/** Longest path after the host. Kubelets before 1.32 count the host too. */
export const LONGEST_PATH = 255;

/** Reads an image; where the kubelet stops with InvalidImageName, the reason is a sentence for people. */
export function parseImage(image: string): ImageReference {
  if (/^[a-f0-9]{64}$/.test(image)) return invalid('64 hexadecimal characters are an image ID, not a repository name');

  const { domain, rest } = splitDomain(image);
  const colon = rest.indexOf(':');
  if (hasUpperCase(colon < 0 ? rest : rest.slice(0, colon))) {
    return invalid('the repository path holds an upper-case letter');
  }

  const { name, tag, digest } = splitReference(`${domain}/${rest}`);
  if (!isName(name)) return invalid('the repository name is not of the form [HOST[:PORT]/]PATH');
  if (tag !== undefined && !isTag(tag)) return invalid('the tag is not 1 to 128 letters, digits, "_", "." or "-"');
  if (pathLength(name) > LONGEST_PATH) return invalid(`the repository path is longer than ${LONGEST_PATH} characters`);
  if (digest !== undefined && !isDigest(digest)) {
    return invalid('the digest is not sha256, sha384 or sha512 with 64, 96 or 128 lower-case hexadecimal digits');
  }

  if (digest === undefined) return { kind: 'valid', name, tag: tag ?? 'latest' };
  return tag === undefined ? { kind: 'valid', name, digest } : { kind: 'valid', name, tag, digest };
}

function invalid(reason: string): ImageReference {
  return { kind: 'invalid', reason };
}

function splitDomain(image: string): { readonly domain: string; readonly rest: string } {
  const slash = image.indexOf('/');
  if (slash < 0) return { domain: DEFAULT_DOMAIN, rest: `library/${image}` };

  const first = image.slice(0, slash);
  const tail = image.slice(slash + 1);
  if (first === 'index.docker.io' || first === DEFAULT_DOMAIN) return { domain: DEFAULT_DOMAIN, rest: inLibrary(tail) };
  if (first === 'localhost' || first.includes('.') || first.includes(':') || hasUpperCase(first)) {
    return { domain: first, rest: tail };
  }
  return { domain: DEFAULT_DOMAIN, rest: image };
}

function inLibrary(path: string): string {
  return path.includes('/') ? path : `library/${path}`;
}

/** Go compares with the Unicode lower case; what is not ASCII fails the grammar in either branch. */
function hasUpperCase(text: string): boolean {
  return /[A-Z]/.test(text);
}

/** A name holds no "@" and no ":" after its last "/", so both cuts are the only ones the grammar allows. */
function splitReference(reference: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const at = reference.indexOf('@');
  const tagged = at < 0 ? reference : reference.slice(0, at);
  const digest = at < 0 ? undefined : reference.slice(at + 1);
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  if (colon < 0) return { name: tagged, tag: undefined, digest };
  return { name: tagged.slice(0, colon), tag: tagged.slice(colon + 1), digest };
}
