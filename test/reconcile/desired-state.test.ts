import { describe, expect, it } from 'vitest';
import { parseSelector } from '../../src/core/sources/label-selector.ts';
import type { LiveSecret } from '../../src/core/secret/managed-secret.ts';
import { createDesiredState, type Namespace } from '../../src/reconcile/desired-state.ts';
import { sampleSource } from '../support/source-samples.ts';

const INJECT = 'pullkeeper.dev/inject';

function namespace(name: string, labels: Readonly<Record<string, string>> = { [INJECT]: 'enabled' }): Namespace {
  return { name, labels, uid: `uid-${name}`, deleting: false };
}

function setUp(...namespaces: readonly Namespace[]) {
  const selector = parseSelector(`${INJECT} in (enabled,always)`);
  if (selector.kind !== 'valid') throw new Error(selector.sentence);
  const affected: string[] = [];
  let rendered = 0;
  const desired = createDesiredState({
    selector: selector.selector,
    excluded: new Set(['kube-system']),
    namespaces: new Map(namespaces.map((each) => [each.name, each])),
    sha256: (text) => {
      rendered += 1;
      return `hash of ${text}`;
    },
    onAffected: (name) => affected.push(name),
  });
  const set = (name: string, sample: Parameters<typeof sampleSource>[1] | undefined): string[] => {
    affected.length = 0;
    desired.setSource(name, sample === undefined ? undefined : sampleSource(name, sample));
    return affected.toSorted();
  };
  return { desired, set, rendered: () => rendered };
}

/** Namespaces among so many that nobody may go through them all. */
function inCrowd(...namespaces: readonly Namespace[]) {
  class Crowd extends Map<string, Namespace> {
    override values(): never {
      throw new Error('all namespaces were looked at');
    }
  }
  const selector = parseSelector(INJECT);
  if (selector.kind !== 'valid') throw new Error(selector.sentence);
  const affected: string[] = [];
  const desired = createDesiredState({
    selector: selector.selector,
    excluded: new Set(),
    namespaces: new Crowd(namespaces.map((each) => [each.name, each])),
    sha256: (text) => text,
    onAffected: (name) => affected.push(name),
  });
  return { desired, affected };
}

/** A live Secret that holds just what it was told to. */
function liveSecret(sources: string): LiveSecret {
  return {
    uid: 'u',
    resourceVersion: '1',
    owned: true,
    type: 'kubernetes.io/dockerconfigjson',
    immutable: false,
    deleting: false,
    contentHash: 'h',
    hashAnnotation: 'h',
    sourcesAnnotation: sources,
  };
}

describe('which namespaces are enabled', () => {
  it.each([
    ['tom', { [INJECT]: 'enabled' }, true],
    ['tom', { [INJECT]: 'always' }, true],
    ['tom', { [INJECT]: 'disabled' }, false],
    ['tom', {}, false],
    ['kube-system', { [INJECT]: 'enabled' }, false],
  ])('%s %j: %s', (name, labels, expected) => {
    expect(setUp().desired.isEnabled(namespace(name, labels))).toBe(expected);
  });
});

describe('a source that is set', () => {
  it('tells the namespaces that it reaches, or reached before, and no others', () => {
    const { set } = setUp(namespace('a'), namespace('b'), namespace('c', {}));
    expect(set('s', { namespaces: 'a', registries: { 'foo.io': 'p' } })).toEqual(['a']);
    expect(set('s', { namespaces: 'b', registries: { 'foo.io': 'p' } })).toEqual(['a', 'b']);
    expect(set('s', { namespaces: '*', registries: { 'foo.io': 'p' } })).toEqual(['a', 'b', 'c']);
    expect(set('s', { namespaces: 'No/Name' })).toEqual(['a', 'b', 'c']);
    expect(set('s', { registries: { 'foo.io': 'p' } })).toEqual([]);
    expect(set('s', undefined)).toEqual([]);
  });

  it('that names its namespaces has no others looked at, however many there are', () => {
    const { desired, affected } = inCrowd(namespace('a'), namespace('b'));
    desired.setSource('s', sampleSource('s', { namespaces: 'b,not-there', registries: { 'foo.io': 'p' } }));
    desired.setSource('s', sampleSource('s', { namespaces: 'b', registries: { 'foo.io': 'q' } }));
    desired.setSource('s', undefined);
    expect(affected).toEqual(['b', 'b', 'b']);
  });

  it('is in the content of the namespaces of its scope, until it is gone', () => {
    const [a, b] = [namespace('a'), namespace('b')];
    const { desired, set } = setUp(a, b);
    set('s', { namespaces: 'a', registries: { 'foo.io': 'p' } });
    expect(desired.content(a)).toMatchObject({ sources: '{"s":["foo.io"]}' });
    expect(desired.content(b)).toMatchObject({ dockerConfig: '{"auths":{}}' });
    set('s', undefined);
    expect(desired.content(a)).toMatchObject({ dockerConfig: '{"auths":{}}' });
  });

  it('is rendered once for all namespaces that see the same sources', () => {
    const all = Array.from({ length: 100 }, (_, i) => namespace(`n-${i}`));
    const { desired, set, rendered } = setUp(...all);
    set('s', { namespaces: '*', registries: { 'foo.io': 'p' } });
    for (const each of all) desired.content(each);
    expect(rendered()).toBe(1);
    expect(desired.keyring(namespace('n-1'))).toBe(desired.keyring(namespace('n-2')));
  });

  it('does not have those rendered anew that it does not reach', () => {
    const [a, b] = [namespace('a'), namespace('b')];
    const { desired, set, rendered } = setUp(a, b);
    set('s', { namespaces: 'a', registries: { 'foo.io': 'p' } });
    set('t', { namespaces: 'b', registries: { 'bar.io': 'p' } });
    for (const each of [a, b]) desired.content(each);
    const before = rendered();
    set('t', { namespaces: 'b', registries: { 'bar.io': 'q' } });
    for (const each of [a, b]) desired.content(each);
    expect(rendered()).toBe(before + 1);
  });
});

describe('what is kept', () => {
  const tom = namespace('tom');
  const live = liveSecret('{"s":["foo.io","gone.io"]}');

  function keeping() {
    const world = setUp(tom);
    world.set('s', { namespaces: '*', registries: { 'foo.io': undefined, 'bar.io': 'p' } });
    return world;
  }

  it('is what the live Secret holds of a source that refuses it now', () => {
    expect(keeping().desired.kept(tom, live)).toEqual([{ source: 's', key: 'foo.io', why: 'refused' }]);
  });

  it.each<[string, LiveSecret | undefined]>([
    ['no Secret', undefined],
    ['a Secret that is not ours', { ...live, owned: false }],
    ['a Secret that was edited', { ...live, contentHash: 'other' }],
    ['an annotation that is none of ours', { ...live, sourcesAnnotation: 'x' }],
    ['no annotation', { ...live, sourcesAnnotation: undefined }],
  ])('is nothing with %s', (_, secret) => {
    expect(keeping().desired.kept(tom, secret)).toEqual([]);
  });

  it('is nothing where the Secret holds what it should', () => {
    const { desired, set } = keeping();
    set('s', { namespaces: '*', registries: { 'foo.io': 'p' } });
    expect(desired.kept(tom, liveSecret(desired.content(tom).sources))).toEqual([]);
  });

  it('stands before what others give for its registry', () => {
    const { desired, set } = keeping();
    set('other', { namespaces: 'tom', registries: { 'foo.io': 'other' } });
    const content = desired.contentWith(tom, [{ key: 'foo.io', username: 'u', password: 'old', source: 's' }]);
    expect(content.sources).toBe('{"s":["bar.io","foo.io"]}');
    expect(content.dockerConfig).toContain('"password":"old"');
    expect(content.dockerConfig).not.toContain('"password":"other"');
  });

  it('is found for images, as what is given is', () => {
    const { desired } = keeping();
    expect(desired.find(tom, live, 'bar.io/app')).toMatchObject([{ source: 's' }]);
    expect(desired.find(tom, live, 'foo.io/app')).toMatchObject([{ source: 's' }]);
    expect(desired.find(tom, live, 'gone.io/app')).toEqual([]);
    expect(desired.find(tom, undefined, 'foo.io/app')).toEqual([]);
  });

  it('is looked up anew when the sources have changed', () => {
    const { desired, set } = keeping();
    expect(desired.find(tom, live, 'foo.io/app')).toHaveLength(1);
    set('s', { namespaces: '*', registries: { 'bar.io': 'p' } });
    expect(desired.find(tom, live, 'foo.io/app')).toEqual([]);
  });
});
