import { expect, it } from 'vitest';
import { readPullSecret } from '../../../src/core/explain/pull-secret.ts';

// That it fails where the kubelet fails is held against the kubelet itself (kubelet.test.ts); here, what is said of it.

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string) => readPullSecret('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': encode(text) });
const broken = (sentence: string) => ({ kind: 'broken', sentence });

it.each([
  ['{"auths":', broken('it is not JSON, a value was expected at line 1, column 10')],
  ['[]', broken('the document is an array, not an object')],
  ['{"auths":"x"}', broken('"auths" is a string, not an object')],
  ['{"HttpHeaders":7}', broken('"HttpHeaders" is not an object of strings')],
  ['{"auths":{"quay.io":7}}', broken('the entry of a registry cannot be read: it is a number, not an object')],
  [
    '{"auths":{"quay.io":{"password":7}}}',
    broken('the entry of a registry cannot be read: "password" is a number, not a string'),
  ],
  ['{"auths":{"quay.io":{"auth":"canary!"}}}', broken('the entry of a registry cannot be read: "auth" is not base64')],
  [
    '{"auths":{"quay.io":{"auth":"eA=="}}}',
    broken('the entry of a registry cannot be read: "auth" decodes to something without ":"'),
  ],
  [
    '{"auths":{"quay.io/":{},"a b":null}}',
    {
      kind: 'keys',
      keys: [
        { rawKey: 'quay.io/', key: 'quay.io' },
        { rawKey: 'a b', key: undefined },
      ],
    },
  ],
  ['null', { kind: 'keys', keys: [] }],
])('%s', (text, content) => expect(read(text)).toEqual(content));

it.each([
  ['', {}, 'it is of type Opaque'],
  ['kubernetes.io/tls', {}, 'it is of type kubernetes.io/tls'],
  ['kubernetes.io/dockercfg', { '.dockerconfigjson': encode('{}') }, 'it holds nothing under .dockercfg'],
  ['kubernetes.io/dockercfg', { '.dockercfg': encode('') }, 'it holds nothing under .dockercfg'],
])('type %s', (type, data, sentence) => expect(readPullSecret(type, data)).toEqual({ kind: 'skipped', sentence }));
