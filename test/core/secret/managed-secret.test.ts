import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderContent } from '../../../src/core/secret/managed-secret.ts';
import type { KeyringEntry } from '../../../src/core/sources/keyring.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function entries(source: string, count: number, passwordLength: number): KeyringEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `${source}-${i}.io`,
    username: 'u',
    password: 'x'.repeat(passwordLength),
    source,
  }));
}

describe('renderContent', () => {
  it('is what the Secret holds, its hash, and where each registry came from', () => {
    const dockerConfig = '{"auths":{"foo.io":{"username":"u","password":"p","auth":"dTpw"}}}';
    expect(renderContent([{ key: 'foo.io', username: 'u', password: 'p', source: 'a' }], sha256)).toEqual({
      dockerConfig,
      hash: sha256(`{"a":["foo.io"]}\n${dockerConfig}`),
      sources: '{"a":["foo.io"]}',
      excess: undefined,
    });
  });

  it('is an empty docker config for no entries', () => {
    expect(renderContent([], sha256)).toEqual({
      dockerConfig: '{"auths":{}}',
      hash: sha256('{}\n{"auths":{}}'),
      sources: '{}',
      excess: undefined,
    });
  });

  it('fits up to 1 MiB, to the byte', () => {
    const size = (length: number): number => renderContent(entries('a', 1, length), sha256).dockerConfig.length;
    // One more character of the password is one more there and 4/3 in `auth`.
    let length = Math.floor((1024 * 1024 - size(0)) / (7 / 3));
    while (size(length) < 1024 * 1024) length++;
    const exact = size(length) === 1024 * 1024 ? length : length - 1;
    expect(renderContent(entries('a', 1, exact), sha256).excess).toBeUndefined();
    expect(renderContent(entries('a', 1, exact + 1), sha256).excess).toBe(
      '1 registries do not fit into one Secret of 1 MiB: narrow the scopes of the sources with most of them, a (1)',
    );
  });

  it('counts bytes, not characters', () => {
    const entry = { key: 'foo.io', username: 'u', source: 'a' };
    // 300,000 characters of two bytes each, and 800,000 in base64.
    expect(renderContent([{ ...entry, password: 'ä'.repeat(300_000) }], sha256).excess).toBeDefined();
    expect(renderContent([{ ...entry, password: 'a'.repeat(300_000) }], sha256).excess).toBeUndefined();
  });

  it('does not fit where the annotation would exceed what a Kubernetes object may have of them', () => {
    const long = `${'x'.repeat(60)}.`.repeat(3);
    const many = Array.from({ length: 1300 }, (_, i) => ({
      key: `${long}${i}.io`,
      username: 'u',
      password: 'p',
      source: 'a',
    }));
    expect(renderContent(many, sha256).excess).toMatch(/^1300 registries do not fit/);
  });

  it('names the five sources that hold most', () => {
    const all = [1, 2, 3, 4, 5, 6].flatMap((count) => entries(`s${count}`, count, 40_000));
    expect(renderContent(all, sha256).excess).toBe(
      '21 registries do not fit into one Secret of 1 MiB: narrow the scopes of the sources with most of them, s6 (6), s5 (5), s4 (4), s3 (3), s2 (2)',
    );
  });
});
