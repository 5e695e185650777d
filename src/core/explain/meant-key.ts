import { splitHost } from '../kubelet/host-pattern.ts';

/**
 * A registry key read for what its author meant, however it is spelled. The kubelet reads keys by other rules
 * (kubelet/registry-key.ts): this is only for telling why a key that looks right does not match.
 */
export interface MeantKey {
  /** As written, without `://`; undefined without one. */
  readonly scheme: string | undefined;
  readonly host: string;
  /** Empty without one; not always digits. */
  readonly port: string;
  /** With its leading slash, without tag and digest, and without the `/v1` or `/v2` of a registry's API. */
  readonly path: string;
  readonly hasTag: boolean;
  readonly hasDigest: boolean;
  /** The path is `/v1` or `/v2`, which counts as a path for want of a slash. */
  readonly lacksVersionSlash: boolean;
}

/** Reads a key as written, or one that was cleaned for display. */
export function readMeantKey(rawKey: string): MeantKey {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(rawKey);
  const schemeless = rawKey.slice(scheme?.[0].length ?? 0).replace(/[?#].*$/s, '');
  const slash = schemeless.indexOf('/');
  const authority = slash < 0 ? schemeless : schemeless.slice(0, slash);
  const { host, port } = splitPort(authority.slice(authority.lastIndexOf('@') + 1));
  const written = slash < 0 ? '' : schemeless.slice(slash);
  const lacksVersionSlash = written === '/v1' || written === '/v2';
  const versionless = lacksVersionSlash ? '' : written.replace(/^\/v[12]\//, '/');
  const { path, hasTag, hasDigest } = splitPath(versionless === '/' ? '' : versionless);
  return {
    scheme: scheme?.[1],
    host: host.replaceAll(UNREADABLE, ''),
    port,
    path,
    hasTag,
    hasDigest,
    lacksVersionSlash,
  };
}

/** What no host may hold for Go's URL parser, the percent sign included. */
const UNREADABLE = /[\s%\\{}|^`]/g;

function splitPort(authority: string): { host: string; port: string } {
  const split = splitHost(authority);
  if (split.port !== '') return { host: split.labels.join('.'), port: split.port };
  return { host: withoutBrackets(authority.replace(/:$/, '')), port: '' };
}

/** `::1` for `[::1]`: with a port the brackets are gone already. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/s, '$1');
}

function splitPath(written: string): { path: string; hasTag: boolean; hasDigest: boolean } {
  const at = written.indexOf('@');
  const tagged = at < 0 ? written : written.slice(0, at);
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  return { path: colon < 0 ? tagged : tagged.slice(0, colon), hasTag: colon >= 0, hasDigest: at >= 0 };
}
