import { expect, test } from 'vitest';
import { readCredentials, spellings } from '../../../tools/demo/credentials.ts';

const secret = (data?: Record<string, string>) => ({
  metadata: { name: 'pullkeeper', namespace: 'shop', resourceVersion: '1' },
  ...(data === undefined ? {} : { data }),
});

test('a pull Secret is read into registries and their credentials', () => {
  const config =
    '{"auths":{"a.io":{"username":"u","password":"p","auth":"dTpw"},"b.io":{"username":"v","password":"q"}}}';
  const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') };
  expect(readCredentials(secret(data))).toEqual({ 'a.io': 'u:p', 'b.io': 'v:q' });
});

test.each([
  ['without data', secret()],
  ['that holds no registry', secret({ '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') })],
  ['of another type', secret({ theirs: 'MQ==' })],
])('a Secret %s holds no credential', (_title, object) => {
  expect(readCredentials(object)).toEqual({});
});

// What stands before a password decides at which of base64's three offsets it begins.
test.each(['', 'u', 'us', 'use'])('a password after %j is found in base64, whatever follows it', (user) => {
  for (const rest of ['', '"', '"}', '"}}']) {
    const text = Buffer.from(`${user}:old-s3cret${rest}`).toString('base64');
    expect(spellings('old-s3cret').filter((spelling) => text.includes(spelling))).toHaveLength(1);
  }
});

test('a password is found plain and URL-encoded', () => {
  expect(spellings('a b/c')).toContain('a b/c');
  expect(spellings('a b/c')).toContain('a%20b%2Fc');
});
