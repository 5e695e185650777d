import { expect, it } from 'vitest';
import { detectFormat } from '../../../src/core/sources/config-file-format.ts';
import { encodeUtf8 } from '../../../src/core/sources/utf8.ts';

it.each([
  ['{"auths":{"quay.io":{"auth":"eDp5"}}}', '.dockerconfigjson'],
  ['{"auths":{}}', '.dockerconfigjson'],
  ['{"auths":null,"quay.io":{"auth":"eDp5"}}', '.dockerconfigjson'],
  ['{"credsStore":"desktop"}', '.dockerconfigjson'],
  ['{}', '.dockerconfigjson'],
  ['{"quay.io":{}}', '.dockerconfigjson'],
  ['quay.io: x', '.dockerconfigjson'],
  ['[]', '.dockerconfigjson'],
  ['', '.dockerconfigjson'],
  ['{"quay.io":{"auth":"eDp5","email":"a@acme.example"}}', '.dockercfg'],
  ['{"quay.io":{"username":"x","password":"y"},"ghcr.io":{}}', '.dockercfg'],
  // A host of that name, as only the older format can hold it.
  ['{"auths":{"auth":"eDp5"}}', '.dockercfg'],
])('reads %s as %s', (text, dataKey) => {
  expect(detectFormat(encodeUtf8(text)).dataKey).toBe(dataKey);
});

it('leaves what is not UTF-8 to be refused', () => {
  expect(detectFormat(Uint8Array.of(0xff, 0xfe)).dataKey).toBe('.dockerconfigjson');
});
