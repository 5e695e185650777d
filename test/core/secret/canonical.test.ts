import { describe, expect, it } from 'vitest';
import { renderDockerConfig } from '../../../src/core/secret/canonical.ts';
import { createKeyring, type KeyringEntry } from '../../../src/core/sources/keyring.ts';

function entry(key: string, username = 'user', password = 'word'): KeyringEntry {
  return { key, username, password, source: 'source' };
}

const userWord = '{"username":"user","password":"word","auth":"dXNlcjp3b3Jk"}';

describe('the canonical form', () => {
  it('is {"auths":{}} when empty', () => {
    expect(renderDockerConfig([])).toBe('{"auths":{}}');
  });

  it('holds user name, password and auth', () => {
    expect(renderDockerConfig([entry('foo.io')])).toBe(`{"auths":{"foo.io":${userWord}}}`);
  });

  it('leaves auth out where the user name holds a colon', () => {
    expect(renderDockerConfig([entry('foo.io', 'a:b')])).toBe(
      '{"auths":{"foo.io":{"username":"a:b","password":"word"}}}',
    );
  });

  it('encodes auth as UTF-8, padded', () => {
    const text = renderDockerConfig([entry('foo.io', 'é', '\u{1f433}')]);
    const { auth } = (JSON.parse(text) as { auths: Record<string, { auth: string }> }).auths['foo.io'] ?? { auth: '' };
    expect(auth).toBe(Buffer.from('é:\u{1f433}').toString('base64'));
  });

  it('sorts keys by bytes, whatever the order of the entries', () => {
    const entries = ['b.io', 'a.io/x', 'a.io', 'A.io', '*.a.io', 'a.io:5000', '[::1]:1'].map((key) => entry(key));
    const keys = ['*.a.io', 'A.io', '[::1]:1', 'a.io', 'a.io/x', 'a.io:5000', 'b.io'];
    const text = `{"auths":{${keys.map((key) => `"${key}":${userWord}`).join(',')}}}`;
    expect(renderDockerConfig(entries)).toBe(text);
    expect(renderDockerConfig(entries.toReversed())).toBe(text);
    expect(renderDockerConfig(createKeyring(entries))).toBe(text);
  });

  it('keeps integer-like and inherited names in their place', () => {
    const text = renderDockerConfig([entry('10.0.0.1'), entry('2:5000'), entry('__proto__:1'), entry('1:1')]);
    expect([...text.matchAll(/"([^"]+)":\{/g)].map(([, key]) => key)).toEqual([
      'auths',
      '10.0.0.1',
      '1:1',
      '2:5000',
      '__proto__:1',
    ]);
  });

  it.each(['docker.io', 'index.docker.io'])('writes %s as the key that the kubelet falls back to', (key) => {
    expect(renderDockerConfig([entry(key), entry('foo.io')])).toBe(
      `{"auths":{"foo.io":${userWord},"https://index.docker.io/v1/":${userWord}}}`,
    );
  });

  it.each(['docker.io/acme/', 'docker.io:', '*.io', 'docker.*/x'])(
    'leaves docker.io beside %s, which matches directly',
    (key) => {
      expect(renderDockerConfig([entry('docker.io'), entry(key)])).toContain(`"docker.io":${userWord}`);
    },
  );

  it.each(['docker.io:443', '*.docker.io', 'registry-1.docker.io', 'index.docker.io/acme/', '*.io:5000'])(
    'does not leave it so beside %s, which does not',
    (key) => {
      expect(renderDockerConfig([entry('docker.io'), entry(key)])).toContain(
        `"https://index.docker.io/v1/":${userWord}`,
      );
    },
  );

  it.each([
    ['foo.io/v1/a', 'foo.io/v1/v1/a'],
    ['foo.io/v2/', 'foo.io/v1/v2/'],
    ['foo.io:5000/v2/v1/a', 'foo.io:5000/v1/v2/v1/a'],
    ['foo.io/v1', 'foo.io/v1'],
    ['foo.io/a/v1/', 'foo.io/a/v1/'],
  ])('writes %s as %s, of which the kubelet removes one version', (key, written) => {
    expect(renderDockerConfig([entry(key)])).toBe(`{"auths":{"${written}":${userWord}}}`);
  });
});
