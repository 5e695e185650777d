import { compareBytes } from '../kubelet/byte-string.ts';
import { isRecord } from '../json-value.ts';
import type { KeyringEntry } from '../sources/keyring.ts';

/** One registry of a managed Secret, and the source it came from. */
export interface Origin {
  readonly source: string;
  readonly key: string;
}

/** `{"SOURCE":["REGISTRY",…],…}`, names and registries sorted: the same text for the same entries. */
export function renderOrigins(entries: readonly Pick<KeyringEntry, 'source' | 'key'>[]): string {
  const registries = new Map<string, string[]>();
  for (const { source, key } of entries) {
    const list = registries.get(source);
    if (list === undefined) registries.set(source, [key]);
    else list.push(key);
  }
  const parts = [...registries]
    .sort(([left], [right]) => compareBytes(left, right))
    .map(([source, keys]) => `${JSON.stringify(source)}:${JSON.stringify(keys.sort(compareBytes))}`);
  return `{${parts.join(',')}}`;
}

/** What we wrote, or nothing where somebody else wrote what is no such text. */
export function readOrigins(annotation: string | undefined): readonly Origin[] {
  if (annotation === undefined) return [];
  let value: unknown;
  try {
    value = JSON.parse(annotation);
  } catch {
    return [];
  }
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([source, keys]) =>
    Array.isArray(keys) ? keys.flatMap((key: unknown) => (typeof key === 'string' ? [{ source, key }] : [])) : [],
  );
}
