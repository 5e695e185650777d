// How the host of a key is compared with the host of an image (k8s.io/kubernetes/pkg/credentialprovider, `URLsMatch`).

import { toByteString } from './byte-string.ts';

/** A host as the kubelet compares it. */
export interface HostParts {
  readonly labels: readonly string[];
  /** Empty when there is none, also in `foo.io:`. */
  readonly port: string;
}

/** Splits a host as Go's `net.SplitHostPort` does and, where that fails, takes the whole as a host without port. */
export function splitHost(host: string): HostParts {
  const colon = host.lastIndexOf(':');
  const name = colon < 0 ? undefined : nameBeforePort(host, colon);
  if (name === undefined) return { labels: host.split('.'), port: '' };
  return { labels: name.split('.'), port: host.slice(colon + 1) };
}

/** The host before the port, its brackets removed; undefined where `SplitHostPort` finds fault. */
function nameBeforePort(host: string, colon: number): string | undefined {
  if (host.startsWith('[')) {
    const close = host.indexOf(']');
    if (close + 1 !== colon || host.includes('[', 1) || host.includes(']', close + 1)) return undefined;
    return host.slice(1, close);
  }
  const name = host.slice(0, colon);
  if (name.includes(':') || host.includes('[') || host.includes(']')) return undefined;
  return name;
}

/** Tells whether a label of a key is more than plain text to Go's `filepath.Match`. */
export function isPattern(label: string): boolean {
  return /[*?[\\]/.test(label);
}

/**
 * Go's `filepath.Match` for one label of a host. In a host that parsed, "*" is the only usable wildcard: "?", "\" and
 * "{" cannot stand there, and "[" only opens an IPv6 literal, which then acts as a class of one character.
 */
export function matchesLabel(pattern: string, label: string): boolean {
  if (!isPattern(pattern)) return pattern === label;
  const parts = parsePattern(toByteString(pattern));
  return parts !== undefined && matchesParts(parts, toByteString(label));
}

/** "*", a plain character, or the code point ranges of a class. */
type PatternPart = '*' | { readonly character: string } | { readonly ranges: readonly (readonly [number, number])[] };

/** Undefined for a pattern that Go calls bad. */
function parsePattern(pattern: string): readonly PatternPart[] | undefined {
  const parts: PatternPart[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '*') {
      parts.push('*');
    } else if (character === '[') {
      const close = pattern.indexOf(']', at + 2);
      const ranges = close < 0 ? undefined : parseClass(pattern.slice(at + 1, close));
      if (ranges === undefined) return undefined;
      parts.push({ ranges });
      at = close;
    } else {
      parts.push({ character });
    }
  }
  return parts;
}

function parseClass(inside: string): readonly (readonly [number, number])[] | undefined {
  const ranges: [number, number][] = [];
  for (let at = 0; at < inside.length; at++) {
    const low = inside.charCodeAt(at);
    if (low === HYPHEN) return undefined;
    if (inside.charCodeAt(at + 1) !== HYPHEN) {
      ranges.push([low, low]);
      continue;
    }
    const high = inside.charCodeAt(at + 2);
    if (Number.isNaN(high) || high === HYPHEN) return undefined;
    ranges.push([low, high]);
    at += 2;
  }
  return ranges;
}

const HYPHEN = 0x2d;

/** With one-character parts, only the last star passed ever needs to take more: no image makes this slow. */
function matchesParts(parts: readonly PatternPart[], label: string): boolean {
  let part = 0;
  let at = 0;
  let star = -1;
  let starEnd = 0;
  while (at < label.length) {
    const current = parts[part];
    if (current === '*') {
      star = part;
      starEnd = at;
      part += 1;
    } else if (current !== undefined && matchesCharacter(current, label, at)) {
      part += 1;
      at += 1;
    } else if (star >= 0) {
      starEnd += 1;
      part = star + 1;
      at = starEnd;
    } else {
      return false;
    }
  }
  return parts.slice(part).every((rest) => rest === '*');
}

function matchesCharacter(part: Exclude<PatternPart, '*'>, label: string, at: number): boolean {
  if ('character' in part) return part.character === label.charAt(at);
  const code = label.charCodeAt(at);
  return part.ranges.some(([low, high]) => low <= code && code <= high);
}
