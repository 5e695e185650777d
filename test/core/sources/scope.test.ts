import { describe, expect, it } from 'vitest';
import { admits, readScope, type ScopeRank } from '../../../src/core/sources/scope.ts';

describe('a scope admits a namespace', () => {
  it.each<[string, { namespaces?: string; selector?: string }, string, Record<string, string>, ScopeRank | undefined]>([
    ['by its name', { namespaces: 'tom' }, 'tom', {}, 'name'],
    ['by one of several names', { namespaces: 'ann, tom ,joe' }, 'tom', {}, 'name'],
    ['not by the start of a name', { namespaces: 'to' }, 'tom', {}, undefined],
    ['by a glob', { namespaces: 'team-*' }, 'team-a', {}, 'glob'],
    ['by a glob that stands for nothing', { namespaces: 'team-*' }, 'team-', {}, 'glob'],
    ['not by a glob that does not match', { namespaces: 'team-*' }, 'tom', {}, undefined],
    ['by a glob at the start', { namespaces: '*-dev' }, 'a-dev', {}, 'glob'],
    ['by a glob in the middle', { namespaces: 'a*z' }, 'abcz', {}, 'glob'],
    ['not where the ends overlap', { namespaces: 'aba*ba' }, 'aba', {}, undefined],
    ['by several stars', { namespaces: 'a*b*c' }, 'axbxbxc', {}, 'glob'],
    ['not where their order is another', { namespaces: 'a*b*c' }, 'acxb', {}, undefined],
    ['not where a part would overlap the end', { namespaces: 'a*bc*c' }, 'abc', {}, undefined],
    ['as one of all', { namespaces: '*' }, 'tom', {}, 'any'],
    ['as one of all, by two stars', { namespaces: '**' }, 'tom', {}, 'any'],
    ['by name before a glob', { namespaces: '*,t*,tom' }, 'tom', {}, 'name'],
    ['by a glob before all', { namespaces: '*,t*' }, 'tom', {}, 'glob'],
    ['by a selector alone', { selector: 'a=b' }, 'tom', { a: 'b' }, 'any'],
    ['not by a selector that does not match', { selector: 'a=b' }, 'tom', { a: 'c' }, undefined],
    ['by both', { namespaces: 'tom', selector: 'a=b' }, 'tom', { a: 'b' }, 'name'],
    ['not by the name alone of both', { namespaces: 'tom', selector: 'a=b' }, 'tom', {}, undefined],
    ['not by the selector alone of both', { namespaces: 'tom', selector: 'a=b' }, 'ann', { a: 'b' }, undefined],
  ])('%s', (_, { namespaces, selector }, name, labels, rank) => {
    const { scope, refusals } = readScope({
      ...(namespaces === undefined ? {} : { 'pullkeeper.dev/namespaces': namespaces }),
      ...(selector === undefined ? {} : { 'pullkeeper.dev/namespace-selector': selector }),
    });
    expect(refusals).toEqual([]);
    expect(admits(scope, { name, labels })).toBe(rank);
  });

  it.each([{ kind: 'none' }, { kind: 'refused' }] as const)('not without a scope: $kind', (scope) => {
    expect(admits(scope, { name: 'tom', labels: {} })).toBeUndefined();
  });
});

it('one bad annotation refuses the scope, whatever the other says', () => {
  const { scope } = readScope({
    'pullkeeper.dev/namespaces': '*',
    'pullkeeper.dev/namespace-selector': 'a in',
  });
  expect(scope).toEqual({ kind: 'refused' });
});
