import { isRecord } from '../json-value.ts';

/** Where in a parsed document something stands: names of members and indices of lists, from the root. */
export type ValuePath = readonly (string | number)[];

/** What stands at a path, or undefined where nothing does. */
export function valueAt(value: unknown, path: ValuePath): unknown {
  let found = value;
  for (const step of path) {
    if (typeof step === 'number') found = Array.isArray(found) ? found[step] : undefined;
    else found = isRecord(found) && Object.hasOwn(found, step) ? found[step] : undefined;
  }
  return found;
}
