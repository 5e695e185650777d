import { describe, expect, it } from 'vitest';
import { retain, type Kept } from '../../../src/core/secret/retention.ts';
import { sampleSource, type SampleSource } from '../../support/source-samples.ts';

const NAMESPACE = { name: 'tom', labels: {} };
const KEY = 'foo.io';

interface Row {
  readonly row: string;
  /** The source that the live Secret's entry came from, as it is now; undefined: gone. */
  readonly source: SampleSource | undefined;
  /** Another source that gives the registry now. */
  readonly other?: true;
  readonly expected: Kept['why'] | undefined;
}

/** The rows of the table in retention.ts, for one entry of a live Secret that came from source `own`. */
const ROWS: readonly Row[] = [
  { row: '1', source: { namespaces: 'tom', registries: { [KEY]: 'p' } }, expected: undefined },
  { row: '2, the entry', source: { namespaces: 'tom', registries: { [KEY]: undefined } }, expected: 'refused' },
  {
    row: '2, the entry, another source gives it',
    source: { namespaces: 'tom', registries: { [KEY]: undefined } },
    other: true,
    expected: 'refused',
  },
  { row: '2, the source', source: { namespaces: 'tom', nonsense: true }, expected: 'refused' },
  { row: '3', source: { namespaces: 'tom', registries: { 'bar.io': 'p' } }, expected: undefined },
  {
    row: '3, another entry is refused',
    source: { namespaces: 'tom', registries: { 'bar.io': undefined } },
    expected: undefined,
  },
  { row: '2, the source, which is empty', source: { namespaces: 'tom' }, expected: 'refused' },
  { row: '4', source: { namespaces: '*', registries: { [KEY]: 'p' } }, other: true, expected: undefined },
  { row: '5, narrowed', source: { namespaces: 'jerry', registries: { [KEY]: 'p' } }, expected: 'removed' },
  { row: '5, narrowed by labels', source: { selector: 'a=b', registries: { [KEY]: 'p' } }, expected: 'removed' },
  { row: '5, unreadable', source: { namespaces: 'Not/A/Name', registries: { [KEY]: 'p' } }, expected: 'removed' },
  { row: '5, no scope', source: { registries: { [KEY]: 'p' } }, expected: 'removed' },
  { row: '5, and refused', source: { namespaces: 'jerry', registries: { [KEY]: undefined } }, expected: 'removed' },
  { row: '6', source: undefined, expected: 'removed' },
  { row: '6, another source gives it', source: undefined, other: true, expected: 'removed' },
];

describe('retain', () => {
  it.each(ROWS)('row $row: $expected', ({ row, source, other, expected }) => {
    const given = other === true ? [{ source: 'other', key: KEY }] : row === '1' ? [{ source: 'own', key: KEY }] : [];
    const kept = retain({
      live: [{ source: 'own', key: KEY }],
      given,
      namespace: NAMESPACE,
      source: (name) => (name === 'own' && source !== undefined ? sampleSource('own', source) : undefined),
    });
    expect(kept).toEqual(expected === undefined ? [] : [{ source: 'own', key: KEY, why: expected }]);
  });

  it("takes Docker Hub's two names for one registry", () => {
    const kept = retain({
      live: [
        { source: 'given', key: 'index.docker.io' },
        { source: 'refused', key: 'index.docker.io' },
      ],
      given: [{ source: 'given', key: 'docker.io' }],
      namespace: NAMESPACE,
      source: (name) => sampleSource(name, { namespaces: '*', registries: { 'docker.io': undefined } }),
    });
    expect(kept).toEqual([{ source: 'refused', key: 'index.docker.io', why: 'refused' }]);
  });

  it('judges each entry by its own source', () => {
    const kept = retain({
      live: [
        { source: 'gone', key: 'a.io' },
        { source: 'stays', key: 'b.io' },
        { source: 'gone', key: 'c.io' },
      ],
      given: [{ source: 'stays', key: 'b.io' }],
      namespace: NAMESPACE,
      source: (name) =>
        name === 'stays' ? sampleSource(name, { namespaces: '*', registries: { 'b.io': 'p' } }) : undefined,
    });
    expect(kept.map(({ key }) => key)).toEqual(['a.io', 'c.io']);
  });
});
