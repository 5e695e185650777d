import { isRecord } from '../core/json-value.ts';
import { readSource, type Source } from '../core/sources/source.ts';
import type { ObjectMeta } from './object-meta.ts';

/** The Secret types that can be sources; each is watched by itself, so no other Secret's content is ever sent to us. */
export const SOURCE_TYPES = ['kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg'] as const;

/** Reads a Secret of Pullkeeper's own namespace; what it holds is judged by core/sources. */
export function readSourceSecret(object: unknown, meta: ObjectMeta): Source {
  const secret = isRecord(object) ? object : {};
  const data: Record<string, Uint8Array> = {};
  for (const [key, value] of Object.entries(isRecord(secret.data) ? secret.data : {})) {
    if (typeof value === 'string') data[key] = Buffer.from(value, 'base64');
  }
  return readSource({
    name: meta.name,
    type: typeof secret.type === 'string' ? secret.type : '',
    annotations: meta.annotations,
    data,
  });
}
