// What the kubelet makes of a key of a docker config (k8s.io/kubernetes/pkg/credentialprovider, `BasicDockerKeyring.Add`).

import { parseUrl, schemeOf } from './go-url.ts';

/** The key that the kubelet stores a credential under, or undefined where it drops the key. */
export function normaliseKey(raw: string): string | undefined {
  const url = parseUrl(schemeOf(raw) === undefined ? `https://${raw}` : raw);
  if (url === undefined) return undefined;
  const hasVersion = url.path.startsWith('/v1/') || url.path.startsWith('/v2/');
  const path = hasVersion ? url.path.slice('/v1'.length) : url.path;
  return path === '' || path === '/' ? url.host : url.host + path;
}
