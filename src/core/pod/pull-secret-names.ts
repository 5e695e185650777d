import { isRecord } from '../json-value.ts';

/** The names in an `imagePullSecrets` list, a Pod's or a ServiceAccount's. What names nothing is left out. */
export function readPullSecretNames(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => (isRecord(entry) && typeof entry.name === 'string' ? [entry.name] : []));
}
