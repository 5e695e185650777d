// Keys that no image can match.

import { displayText } from './display.ts';
import { splitHost } from '../kubelet/host-pattern.ts';
import { LONGEST_PATH, parseImage } from '../kubelet/image-reference.ts';
import { matchesKey } from '../kubelet/lookup.ts';

/** Why no image can match a normalised key, or undefined when one can. */
export function explainUnmatchable(key: string): string | undefined {
  const slash = key.indexOf('/');
  const host = slash < 0 ? key : key.slice(0, slash);
  const path = slash < 0 ? '' : key.slice(slash);
  return explainHost(host) ?? explainPath(path) ?? explainGrammar(host, path);
}

function explainHost(host: string): string | undefined {
  const { labels, port } = splitHost(host);
  const name = labels.join('.');
  if (name === '') return 'it has no host';
  if (name.startsWith('[') || (port === '' && name.includes(':'))) {
    return 'the kubelet finds an IPv6 address only with a port, write [ADDRESS]:PORT';
  }
  const isRead = name.includes('.') || port !== '' || name === 'localhost' || /[A-Z]/.test(name);
  return isRead
    ? undefined
    : `without a dot or a port, "${displayText(name)}" is read as part of Docker Hub's path, not as a host`;
}

function explainPath(path: string): string | undefined {
  if (path.includes('*')) return '"*" stands for something in the host alone, not in the path';
  if (/[A-Z]/.test(path)) return 'the path of an image has no upper-case letter';
  if (path.includes('@')) return 'the digest is no part of what is looked up, write the repository alone';
  if (path.includes(':')) return 'the tag is no part of what is looked up, write the repository alone';
  return undefined;
}

function explainGrammar(host: string, path: string): string | undefined {
  if (canMatch(host, path)) return undefined;
  if (!canMatch(host, '')) return 'the host of an image is made of letters, digits and "-", with single dots between';
  // The path as images count it: without its first slash.
  if (path.length > LONGEST_PATH) return `the path of an image has ${LONGEST_PATH} characters at most`;
  return 'the path of an image is made of lower-case letters and digits, with ".", "_", "__", "-" or "/" between';
}

/**
 * Tries images made from the key. A path is a prefix: of an image's path as it stands, or of the same with a letter
 * behind it, or (under Docker Hub, whose one-word names get `library/`) with another component.
 */
function canMatch(host: string, path: string): boolean {
  // Under this name nothing is looked up, but that is for a warning of its own.
  if (host === 'index.docker.io') return true;
  const key = host + path;
  // A star takes the place of any letter; "X" as well, for hosts of one label need an upper-case one.
  const hosts = [host.replaceAll(/\*+/g, 'x'), host.replaceAll(/\*+/g, 'X')].map((name) => name.replace(/:$/, ''));
  const ends = path === '' ? ['/x'] : ['', 'x', '/x', 'x/x'];
  return hosts.some((name) =>
    ends.some((end) => {
      const image = parseImage(name + path + end);
      return image.kind === 'valid' && matchesKey(key, image.name);
    }),
  );
}
