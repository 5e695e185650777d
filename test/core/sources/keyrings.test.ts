import { describe, expect, it } from 'vitest';
import { createKeyrings } from '../../../src/core/sources/keyrings.ts';
import type { LabelledNamespace } from '../../../src/core/sources/scope.ts';
import { readSource, type Source } from '../../../src/core/sources/source.ts';

function source(name: string, namespaces: string, auths: Record<string, string>, selector?: string): Source {
  const entries = Object.entries(auths).map(([key, username]) => [key, { username, password: 'word' }]);
  return readSource({
    name,
    type: 'kubernetes.io/dockerconfigjson',
    annotations: {
      'pullkeeper.dev/namespaces': namespaces,
      ...(selector === undefined ? {} : { 'pullkeeper.dev/namespace-selector': selector }),
    },
    data: { '.dockerconfigjson': new TextEncoder().encode(JSON.stringify({ auths: Object.fromEntries(entries) })) },
  });
}

function namespace(name: string, labels: Record<string, string> = {}): LabelledNamespace {
  return { name, labels };
}

describe('a keyring', () => {
  const sources = [
    source('all', '*', { 'foo.io': 'all' }),
    source('teams', 'team-*', { 'foo.io': 'teams', 'bar.io': 'teams' }),
    source('blue', '*', { 'blue.io': 'blue' }, 'colour=blue'),
  ];

  it('holds what the sources that admit the namespace hold', () => {
    const keyrings = createKeyrings(sources);
    const held = (facts: LabelledNamespace): string[] =>
      keyrings.for(facts).entries.map(({ key, source: from }) => `${key} ${from}`);
    expect(held(namespace('tom'))).toEqual(['foo.io all']);
    expect(held(namespace('team-a'))).toEqual(['bar.io teams', 'foo.io teams']);
    expect(held(namespace('tom', { colour: 'blue' }))).toEqual(['blue.io blue', 'foo.io all']);
  });

  it('is empty without sources, and without those that have no scope or a refused one', () => {
    const unscoped = { ...source('all', '*', { 'foo.io': 'all' }), scope: { kind: 'none' } } as const;
    const refused = { ...source('bad', '*', { 'foo.io': 'bad' }), scope: { kind: 'refused' } } as const;
    expect(createKeyrings([]).for(namespace('tom')).entries).toEqual([]);
    expect(createKeyrings([unscoped, refused]).for(namespace('tom')).entries).toEqual([]);
  });

  it('answers what the kubelet would find in it', () => {
    const found = createKeyrings(sources).for(namespace('team-a')).find('foo.io/app');
    expect(found).toEqual([{ key: 'foo.io', username: 'teams', password: 'word', source: 'teams' }]);
  });
});

describe('namespaces that see the same', () => {
  it('share one keyring object', () => {
    const keyrings = createKeyrings([source('all', '*', { 'foo.io': 'u' }), source('tom', 'tom', { 'bar.io': 'u' })]);
    const [first, ...others] = ['a', 'b', 'c'].map((name) => keyrings.for(namespace(name)));
    for (const other of others) expect(other).toBe(first);
    expect(keyrings.for(namespace('tom'))).not.toBe(first);
  });

  it('share it by what they see, not by how', () => {
    const keyrings = createKeyrings([source('a', 'tom,ann,team-*', { 'foo.io': 'u' })]);
    expect(keyrings.for(namespace('tom'))).toBe(keyrings.for(namespace('ann')));
    expect(keyrings.for(namespace('team-a', { x: 'y' }))).toBe(keyrings.for(namespace('team-b')));
  });

  it('do not share it where the ranks differ, for they decide who wins', () => {
    const keyrings = createKeyrings([source('a', '*', { 'foo.io': 'a' }), source('b', '*,tom', { 'foo.io': 'b' })]);
    const winners = ['tom', 'ann'].map((name) => keyrings.for(namespace(name)).entries.map(({ source: from }) => from));
    expect(winners).toEqual([['b'], ['a']]);
  });
});

describe('after a change of sources', () => {
  const first = source('first', 'team-*', { 'foo.io': 'u' });
  const second = source('second', 'tom', { 'bar.io': 'u' });
  const team = namespace('team-a');
  const tom = namespace('tom');

  it('the keyrings of those whom it does not reach stay the same objects', () => {
    const before = createKeyrings([first, second]);
    const kept = before.for(team);
    const replaced = before.for(tom);
    const after = createKeyrings([first, source('second', 'tom', { 'bar.io': 'v' })], before);
    expect(after.for(team)).toBe(kept);
    expect(after.for(tom)).not.toBe(replaced);
    expect(after.for(tom).entries).toEqual([{ key: 'bar.io', username: 'v', password: 'word', source: 'second' }]);
  });

  it('a source that was read again and is the same changes nothing', () => {
    const before = createKeyrings([first, second]);
    const kept = before.for(tom);
    const after = createKeyrings([first, source('second', 'tom', { 'bar.io': 'u' })], before);
    expect(after.for(tom)).toBe(kept);
  });

  it('a password alone that changes is a change: credentials are rotated so', () => {
    const registry = { key: 'bar.io', rawKey: 'bar.io', username: 'u' };
    const old = { ...second, entries: [{ ...registry, password: 'old' }] };
    const before = createKeyrings([first, old]);
    const replaced = before.for(tom);
    const after = createKeyrings([first, { ...old, entries: [{ ...registry, password: 'new' }] }], before);
    expect(after.for(tom)).not.toBe(replaced);
    expect(after.for(tom).entries).toEqual([{ key: 'bar.io', username: 'u', password: 'new', source: 'second' }]);
  });

  it('a keyring outlives changes in which nobody asks for it', () => {
    const before = createKeyrings([first, second]);
    const kept = before.for(team);
    let later = before;
    for (let version = 0; version < 3; version++) {
      later = createKeyrings([first, source('second', 'tom', { 'bar.io': `v${version}` })], later);
    }
    expect(later.for(team)).toBe(kept);
  });

  it('a changed scope is seen', () => {
    const before = createKeyrings([first]);
    expect(before.for(tom).entries).toEqual([]);
    const after = createKeyrings([source('first', 'tom', { 'foo.io': 'u' })], before);
    expect(after.for(team).entries).toEqual([]);
    expect(after.for(tom).entries).toHaveLength(1);
  });

  it('a source that comes back under another content gets another keyring', () => {
    const before = createKeyrings([second]);
    const kept = before.for(tom);
    const without = createKeyrings([], before);
    expect(without.for(tom).entries).toEqual([]);
    const back = createKeyrings([source('second', 'tom', { 'bar.io': 'v' })], without);
    expect(back.for(tom).entries).not.toEqual(kept.entries);
  });

  it('changed labels are seen', () => {
    const keyrings = createKeyrings([source('blue', '*', { 'foo.io': 'u' }, 'colour=blue')]);
    expect(keyrings.for(namespace('tom')).entries).toEqual([]);
    expect(keyrings.for(namespace('tom', { colour: 'blue' })).entries).toHaveLength(1);
    expect(keyrings.for(namespace('tom', { colour: 'red' })).entries).toEqual([]);
  });
});
