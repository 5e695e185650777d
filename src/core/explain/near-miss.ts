import { HUB_FALLBACK_KEY, HUB_HOST, isDefaultRegistry } from '../kubelet/docker-hub.ts';
import { splitHost } from '../kubelet/host-pattern.ts';
import { isIpv6Address } from '../kubelet/ip-address.ts';
import { matchesKey } from '../kubelet/lookup.ts';
import { normaliseKey } from '../kubelet/registry-key.ts';
import { readMeantKey, withoutBrackets, type MeantKey } from './meant-key.ts';
import { compareHosts } from './near-host.ts';
import { difference, spelling, type NearReason } from './near-reason.ts';

/** What a key as written is to a repository name. */
export type KeyComparison =
  | { readonly kind: 'match' }
  /** Every reason why it does not match, each of which would have to go. */
  | { readonly kind: 'near'; readonly reasons: readonly NearReason[] }
  /** It is for something else; there is nothing to explain. */
  | { readonly kind: 'far' };

/**
 * Compares a key as written with what is looked up for an image (`ImageReference.name`). What matches is decided as the
 * kubelet does, the fallback for Docker Hub included; what is near is a judgement made for people.
 */
export function compareKey(rawKey: string, name: string): KeyComparison {
  const key = normaliseKey(rawKey);
  if (key !== undefined && matchesName(key, name)) return { kind: 'match' };

  const meant = readMeantKey(rawKey);
  const image = splitName(name);
  const misplaced = explainMisplacedHost(meant, image);
  if (misplaced !== undefined) return { kind: 'near', reasons: [misplaced] };

  const host = compareHosts(meant, image.host);
  if (host.kind === 'far') return { kind: 'far' };
  // Under such a name nothing is looked up, whatever its port and path.
  if (host.kind === 'near' && host.reason.code === 'hub-name') return { kind: 'near', reasons: [host.reason] };
  const spellings = explainSpelling(meant, key === undefined);
  const ports = spellings.some(({ code }) => PORT_SPELLINGS.has(code)) ? [] : explainPort(meant, image);
  const paths = explainPath(meant, image);
  // What makes a key unreadable makes its host differ too.
  const hosts = host.kind === 'same' || (key === undefined && host.isWeak) ? [] : [host.reason];
  const reasons = [...spellings, ...hosts, ...ports, ...paths];

  // A key for another path of another host, or of another port, is simply another key.
  const isAlone = reasons.length === 1;
  if (host.kind === 'near' && host.isWeak && !isAlone) return { kind: 'far' };
  if (paths.some(({ code }) => code === 'other-path') && !isAlone) return { kind: 'far' };
  return { kind: 'near', reasons };
}

const PORT_SPELLINGS: ReadonlySet<string> = new Set(['key-port', 'address-without-port']);

/** Tells whether the kubelet finds the credential of a normalised key for a name, when it is the only key. */
export function matchesName(key: string, name: string): boolean {
  return matchesKey(key, name) || (key === HUB_FALLBACK_KEY && isDefaultRegistry(name));
}

interface ImageName {
  /** An IPv6 address without its brackets, as in a key that was read. */
  readonly host: string;
  readonly port: string;
  /** With its leading slash. */
  readonly path: string;
  readonly repository: string;
}

function splitName(name: string): ImageName {
  const slash = name.indexOf('/');
  const { labels, port } = splitHost(name.slice(0, slash));
  return { host: withoutBrackets(labels.join('.')), port, path: name.slice(slash), repository: name.slice(slash + 1) };
}

/** `harbor` for `harbor/app`, which is read as docker.io/harbor/app, or `nginx` for `nginx`. */
function explainMisplacedHost(key: MeantKey, image: ImageName): NearReason | undefined {
  const isHost = key.host.includes('.') || /^[0-9]+$/.test(key.port) || key.host === '' || key.host === 'localhost';
  if (image.host !== HUB_HOST || isHost) return undefined;
  const repository = `/${key.host}${key.path}`.replace(/\/+$/, '');
  const isBelow = (path: string): boolean => `${image.path}/`.startsWith(`${path}/`);
  if (isBelow(repository)) return difference.notAHost(key.host, HUB_HOST + repository);
  return isBelow(`/library${repository}`)
    ? difference.notAHost(key.host, `${HUB_HOST}/library${repository}`)
    : undefined;
}

function explainSpelling(key: MeantKey, isDropped: boolean): readonly NearReason[] {
  const spellings = [
    ...(key.scheme === undefined || /^https?$/.test(key.scheme) ? [] : [spelling.scheme(key.scheme)]),
    ...(/^[0-9]*$/.test(key.port) ? [] : [spelling.port(key.port)]),
    ...(key.port === '' && isIpv6Address(key.host) ? [spelling.ipv6NoPort()] : []),
    ...(key.lacksVersionSlash ? [spelling.versionSlash(key.host)] : []),
    ...(key.path.includes('*') ? [spelling.starInPath()] : []),
    ...(key.hasTag ? [spelling.tag()] : []),
    ...(key.hasDigest ? [spelling.digest()] : []),
  ];
  return isDropped && spellings.length === 0 ? [spelling.dropped()] : spellings;
}

function explainPort(key: MeantKey, image: ImageName): readonly NearReason[] {
  return key.port === image.port ? [] : [difference.otherPort(key.port, image.port)];
}

/**
 * The first row that holds decides:
 *
 * | # | the path of the key, up to a star                                            | reason         |
 * |---|------------------------------------------------------------------------------|----------------|
 * | 1 | the image's path starts with it                                              | none           |
 * | 2 | the image's path starts with it in lower case                                | path-case      |
 * | 3 | the image is Docker Hub's, and its path starts with it behind `/library`     | hub-library    |
 * | 4 | is the image's path with a slash at its end                                  | trailing-slash |
 * | 5 | starts with the image's path                                                 | longer-path    |
 * | 6 | anything else                                                                | other-path     |
 */
function explainPath(key: MeantKey, image: ImageName): readonly NearReason[] {
  const path = key.path.replace(/\*.*$/s, '');
  if (image.path.startsWith(path)) return [];
  if (image.path.startsWith(path.toLowerCase())) return [difference.pathCase()];
  if (image.host === HUB_HOST && image.path.startsWith(`/library${path}`)) return [difference.hubLibrary(path)];
  if (path === `${image.path}/`) return [difference.trailingSlash(image.repository)];
  if (path.startsWith(image.path)) return [difference.longerPath(image.repository)];
  return [difference.otherPath(image.repository)];
}
