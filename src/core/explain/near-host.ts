import { HUB_FALLBACK_KEY, HUB_HOST } from '../kubelet/docker-hub.ts';
import { matchesLabel } from '../kubelet/host-pattern.ts';
import { checkKey } from '../sources/key-check.ts';
import { matchesGlob } from '../sources/namespace-patterns.ts';
import type { MeantKey } from './meant-key.ts';
import { difference, type NearReason } from './near-reason.ts';

/** How the host of a key stands to the host of an image. */
export type HostRelation =
  | { readonly kind: 'same' }
  | {
      readonly kind: 'near';
      readonly reason: NearReason;
      /** Only near when all else fits: hosts that resemble each other are often two registries. */
      readonly isWeak: boolean;
    }
  | { readonly kind: 'far' };

/**
 * Compares hosts. The first row that holds decides:
 *
 * | # | the key's host, held against the image's                             | relation             |
 * |---|----------------------------------------------------------------------|----------------------|
 * | 1 | matches label by label                                               | same                 |
 * | 2 | index.docker.io without path or port, and the image is Docker Hub's  | same                 |
 * | 3 | another name of Docker Hub, and the image is Docker Hub's            | near, hub-name       |
 * | 4 | matches but for case                                                 | near, host-case      |
 * | 5 | would match if a star stood for any number of labels                 | near, star-one-label |
 * | 6 | is a domain above or below                                           | weak, other-level    |
 * | 7 | differs in a letter or two                                           | weak, similar-host   |
 * | 8 | anything else                                                        | far                  |
 */
export function compareHosts(key: MeantKey, imageHost: string): HostRelation {
  if (matchesHosts(key.host, imageHost)) return { kind: 'same' };
  if (imageHost === HUB_HOST && key.host === HUB_FALLBACK_KEY && key.path === '' && key.port === '')
    return { kind: 'same' };
  if (imageHost === HUB_HOST && isHubName(key.host)) return near(difference.hubName(key.host));
  if (matchesHosts(key.host.toLowerCase(), imageHost.toLowerCase())) return near(difference.hostCase(imageHost));
  if (spansLabels(key.host, imageHost)) return near(difference.starOneLabel(key.host, imageHost));
  if (!key.host.includes('.')) return { kind: 'far' };
  if (imageHost.endsWith(`.${key.host}`) || key.host.endsWith(`.${imageHost}`)) {
    return weak(difference.otherLevel(key.host, imageHost));
  }
  return isSimilar(key.host, imageHost) ? weak(difference.similarHost(key.host, imageHost)) : { kind: 'far' };
}

function near(reason: NearReason): HostRelation {
  return { kind: 'near', reason, isWeak: false };
}

function weak(reason: NearReason): HostRelation {
  return { kind: 'near', reason, isWeak: true };
}

function matchesHosts(pattern: string, host: string): boolean {
  const labels = host.split('.');
  const patterns = pattern.split('.');
  return patterns.length === labels.length && patterns.every((each, index) => matchesLabel(each, labels[index] ?? ''));
}

function isHubName(host: string): boolean {
  if (host.toLowerCase() === HUB_FALLBACK_KEY) return true;
  const check = checkKey(host);
  return check.kind === 'key' && check.warnings.some(({ code }) => code === 'hub-name');
}

/** Stars in front, then a domain that the host is in, with another number of parts before it; or stars amid. */
function spansLabels(pattern: string, host: string): boolean {
  const domain = /^(?:\*+\.)+([^*]+)$/.exec(pattern)?.[1];
  if (domain !== undefined) return host === domain || host.endsWith(`.${domain}`);
  return pattern.includes('*') && !/^[*.]*$/.test(pattern) && matchesGlob(pattern, host);
}

/** Two letters may be added, lost, changed or swapped. Short hosts are too close to each other (gcr.io and ghcr.io). */
function isSimilar(left: string, right: string): boolean {
  const isLong = Math.min(left.length, right.length) >= 10;
  return isLong && Math.abs(left.length - right.length) <= 2 && countEdits(left, right) <= 2;
}

/** Optimal string alignment distance. */
function countEdits(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const current = [i];
    for (let j = 1; j <= right.length; j++) {
      const changed = left[i - 1] === right[j - 1] ? 0 : 1;
      let edits = Math.min((last[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + changed);
      const isSwap = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      if (isSwap) edits = Math.min(edits, (beforeLast[j - 2] ?? 0) + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}
