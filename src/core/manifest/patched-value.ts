import { isRecord } from '../json-value.ts';
import type { PatchOperation } from '../pod/patch.ts';
import type { ValuePath } from './value-path.ts';

/**
 * The document with a Pod's patch applied, as a new value: what is not on the way to the patch is shared with the old
 * one. A part that stands in the old value twice (an alias) is changed at this path alone.
 *
 * @param podPath where the Pod's `metadata` and `spec` stand, from the document's root
 */
export function patchValue(document: unknown, podPath: ValuePath, patch: readonly PatchOperation[]): unknown {
  return patch.reduce<unknown>(
    (value, { path, value: added }) => addAt(value, [...podPath, ...path.split('/').slice(1)], added),
    document,
  );
}

function addAt(value: unknown, path: ValuePath, added: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return added;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (step === '-') return [...items, added];
    const index = Number(step);
    return items.with(index, addAt(items[index], rest, added));
  }
  const members = isRecord(value) ? value : {};
  return { ...members, [step]: addAt(members[step], rest, added) };
}
