import { describe, expect, it } from 'vitest';
import { mergeSources, type RankedSource } from '../../../src/core/sources/merge.ts';
import type { ScopeRank } from '../../../src/core/sources/scope.ts';

/** A source with one registry, whose user is named like the source. */
function source(name: string, rank: ScopeRank, key = 'foo.io'): RankedSource {
  return { source: name, rank, entries: [{ key, rawKey: key, username: name, password: 'word' }] };
}

describe('precedence of two sources for one registry, row by row', () => {
  it.each<[ScopeRank, ScopeRank, 'first in order' | 'last in order', 'this' | 'other', 'scope' | 'name-order']>([
    ['name', 'glob', 'first in order', 'this', 'scope'],
    ['name', 'glob', 'last in order', 'this', 'scope'],
    ['name', 'any', 'first in order', 'this', 'scope'],
    ['name', 'any', 'last in order', 'this', 'scope'],
    ['glob', 'any', 'first in order', 'this', 'scope'],
    ['glob', 'any', 'last in order', 'this', 'scope'],
    ['glob', 'name', 'first in order', 'other', 'scope'],
    ['glob', 'name', 'last in order', 'other', 'scope'],
    ['any', 'name', 'first in order', 'other', 'scope'],
    ['any', 'name', 'last in order', 'other', 'scope'],
    ['any', 'glob', 'first in order', 'other', 'scope'],
    ['any', 'glob', 'last in order', 'other', 'scope'],
    ['name', 'name', 'first in order', 'this', 'name-order'],
    ['name', 'name', 'last in order', 'other', 'name-order'],
    ['glob', 'glob', 'first in order', 'this', 'name-order'],
    ['glob', 'glob', 'last in order', 'other', 'name-order'],
    ['any', 'any', 'first in order', 'this', 'name-order'],
    ['any', 'any', 'last in order', 'other', 'name-order'],
  ])('%s against %s, %s by name: %s', (thisRank, otherRank, order, winner, reason) => {
    const [thisName, otherName] = order === 'first in order' ? ['a', 'b'] : ['b', 'a'];
    const [winnerName, loserName] = winner === 'this' ? [thisName, otherName] : [otherName, thisName];
    const both = [source(thisName, thisRank), source(otherName, otherRank)];
    for (const sources of [both, both.toReversed()]) {
      expect(mergeSources(sources)).toEqual({
        entries: [{ key: 'foo.io', username: winnerName, password: 'word', source: winnerName }],
        conflicts: [{ registry: 'foo.io', winner: winnerName, losers: [{ source: loserName, reason, differs: true }] }],
      });
    }
  });
});

it('orders names by bytes', () => {
  const { entries } = mergeSources([source('b', 'any'), source('B', 'any'), source('a', 'any')]);
  expect(entries.map(({ source: name }) => name)).toEqual(['B']);
});

it('takes the registries of all sources that do not meet', () => {
  expect(
    mergeSources([source('a', 'any'), source('b', 'name', 'foo.io/team'), source('c', 'any', 'foo.io:5000')]),
  ).toEqual({
    entries: [
      { key: 'foo.io/team', username: 'b', password: 'word', source: 'b' },
      { key: 'foo.io', username: 'a', password: 'word', source: 'a' },
      { key: 'foo.io:5000', username: 'c', password: 'word', source: 'c' },
    ],
    conflicts: [],
  });
});

it("takes Docker Hub's two bare keys for one registry", () => {
  const { entries, conflicts } = mergeSources([
    source('a', 'any', 'index.docker.io'),
    source('b', 'name', 'docker.io'),
  ]);
  expect(entries).toEqual([{ key: 'docker.io', username: 'b', password: 'word', source: 'b' }]);
  expect(conflicts).toEqual([
    { registry: 'index.docker.io', winner: 'b', losers: [{ source: 'a', reason: 'scope', differs: true }] },
  ]);
});

it('reports a conflict of equal credentials as one that changes nothing', () => {
  const same: RankedSource = { ...source('a', 'any'), source: 'b' };
  expect(mergeSources([source('a', 'any'), same]).conflicts).toEqual([
    { registry: 'foo.io', winner: 'a', losers: [{ source: 'b', reason: 'name-order', differs: false }] },
  ]);
});

it('names every loser, each with its reason', () => {
  const sources = [source('d', 'any'), source('c', 'name'), source('a', 'name'), source('b', 'glob')];
  expect(mergeSources(sources).conflicts).toEqual([
    {
      registry: 'foo.io',
      winner: 'a',
      losers: [
        { source: 'c', reason: 'name-order', differs: true },
        { source: 'b', reason: 'scope', differs: true },
        { source: 'd', reason: 'scope', differs: true },
      ],
    },
  ]);
});
