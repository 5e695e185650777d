import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { expect, it } from 'vitest';
import { CHART } from '../../tools/chart/render.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Of no use for who installs this chart by itself: see the schema. */
const FOR_PARENT_CHARTS = ['global', 'enabled'];

it('values.yaml has every value that the schema knows, and no other', async () => {
  const values: unknown = parse(await readFile(join(CHART, 'values.yaml'), 'utf8'));
  const schema = JSON.parse(await readFile(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
  const known = pathsOf(schema).filter((path) => !FOR_PARENT_CHARTS.includes(path));
  const missing = known.filter((path) => lookUp(values, path.split('.')) === undefined);
  expect(missing).toEqual([]);
  const unknown = (values === null ? [] : Object.keys(values as object)).filter((key) => !known.includes(key));
  expect(unknown).toEqual([]);
});

/** A list's items have no path. */
function pathsOf({ properties = {} }: Schema): string[] {
  return Object.entries(properties).flatMap(([key, inner]) => [key, ...pathsOf(inner).map((path) => `${key}.${path}`)]);
}

function lookUp(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return value;
  return typeof value === 'object' && value !== null ? lookUp(Reflect.get(value, key), rest) : undefined;
}
