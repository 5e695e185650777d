// Go's URL parser (net/url, `Parse`), as far as the kubelet uses it on registry keys and repository names.
// The WHATWG `URL` class is another parser: it lower-cases, cleans paths, drops default ports and converts IDNA.

import { fromByteString, toByteString } from './byte-string.ts';
import { isIpv6Address } from './ip-address.ts';

/** What the kubelet uses of a parsed URL. Percent escapes are decoded; brackets and port stay in the host. */
export interface GoUrl {
  readonly host: string;
  readonly path: string;
}

/**
 * Parses an `http://` or `https://` URL as Go 1.26's `url.Parse` does; undefined where that is an error, and for a
 * text of any other scheme (the kubelet never asks for one).
 */
export function parseUrl(raw: string): GoUrl | undefined {
  const url = toByteString(raw);

  // The fragment is dropped, but its escapes must be sound.
  const hash = url.indexOf('#');
  const beforeFragment = hash < 0 ? url : url.slice(0, hash);
  if (hash >= 0 && !hasSoundEscapes(url.slice(hash + 1))) return undefined;

  // Before the query goes: a control character in it is an error too.
  if (hasControlCharacter(beforeFragment)) return undefined;

  const question = beforeFragment.indexOf('?');
  const beforeQuery = question < 0 ? beforeFragment : beforeFragment.slice(0, question);

  const scheme = schemeOf(beforeQuery);
  if (scheme === undefined) return undefined;
  const schemeless = beforeQuery.slice(scheme.length);
  const slash = schemeless.indexOf('/');
  const authority = slash < 0 ? schemeless : schemeless.slice(0, slash);
  const escapedPath = slash < 0 ? '' : schemeless.slice(slash);

  // User information is checked and dropped.
  const at = authority.lastIndexOf('@');
  if (at >= 0 && !isUserInfo(authority.slice(0, at))) return undefined;

  const host = parseHost(authority.slice(at + 1));
  const path = unescape(escapedPath, ANY_BYTE);
  if (host === undefined || path === undefined) return undefined;
  return { host: fromByteString(host), path: fromByteString(path) };
}

/** The scheme that the kubelet removes from a key: one of two, once, in lower case. Undefined without one. */
export function schemeOf(text: string): 'https://' | 'http://' | undefined {
  if (text.startsWith('https://')) return 'https://';
  if (text.startsWith('http://')) return 'http://';
  return undefined;
}

function hasControlCharacter(bytes: string): boolean {
  return /[\x00-\x1f\x7f]/.test(bytes);
}

function isUserInfo(userInfo: string): boolean {
  return /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userInfo) && hasSoundEscapes(userInfo);
}

function parseHost(host: string): string | undefined {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return undefined;
  if (bracket === 0) return parseBracketedHost(host);
  const colon = host.indexOf(':');
  if (colon >= 0 && !isOptionalPort(host.slice(colon))) return undefined;
  return unescape(host, IN_HOST);
}

function parseBracketedHost(host: string): string | undefined {
  const close = host.lastIndexOf(']');
  if (close < 0) return undefined;
  const port = host.slice(close + 1);
  if (!isOptionalPort(port)) return undefined;

  const inside = host.slice(1, close);
  const zoneAt = inside.indexOf('%25');
  const address = unescape(zoneAt < 0 ? inside : inside.slice(0, zoneAt), IN_HOST);
  const zone = zoneAt < 0 ? '' : unescape(inside.slice(zoneAt), IN_ZONE);
  if (address === undefined || zone === undefined || !isIpv6Address(address + zone)) return undefined;
  return `[${address}${zone}]${port}`;
}

function isOptionalPort(port: string): boolean {
  return port === '' || /^:[0-9]*$/.test(port);
}

/** What one part of a URL allows: a run of bytes as they stand, and a byte that an escape stands for. */
interface ByteRules {
  readonly plain: RegExp;
  readonly escaped: (byte: number) => boolean;
}

const PERCENT = 0x25;
const HOST_BYTES = /^[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"\x80-\xff]*$/;

const ANY_BYTE: ByteRules = { plain: /^[^]*$/, escaped: () => true };
const IN_HOST: ByteRules = { plain: HOST_BYTES, escaped: (byte) => byte >= 0x80 || byte === PERCENT };
const IN_ZONE: ByteRules = {
  plain: HOST_BYTES,
  escaped: (byte) => byte === PERCENT || byte === 0x20 || (byte < 0x80 && HOST_BYTES.test(String.fromCharCode(byte))),
};

function hasSoundEscapes(bytes: string): boolean {
  return unescape(bytes, ANY_BYTE) !== undefined;
}

/** Decodes percent escapes; undefined when an escape is cut short or a byte is not allowed in this part. */
function unescape(bytes: string, rules: ByteRules): string | undefined {
  let decoded = '';
  let from = 0;
  for (let at = bytes.indexOf('%'); at >= 0; at = bytes.indexOf('%', from)) {
    const plain = bytes.slice(from, at);
    const digits = bytes.slice(at + 1, at + 3);
    if (!rules.plain.test(plain) || !/^[0-9a-fA-F]{2}$/.test(digits)) return undefined;
    const value = Number.parseInt(digits, 16);
    if (!rules.escaped(value)) return undefined;
    decoded += plain + String.fromCharCode(value);
    from = at + 3;
  }
  const rest = bytes.slice(from);
  return rules.plain.test(rest) ? decoded + rest : undefined;
}
