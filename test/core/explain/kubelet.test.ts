// What the kubelet makes of pull Secrets that anybody wrote, held against the kubelet's own code: whether it can read
// them, and which Secret's credential it tries first, second, … for an image.

import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareKey } from '../../../src/core/explain/near-miss.ts';
import { createPodKeyring, type ListedSecret } from '../../../src/core/explain/pod-keyring.ts';
import { readPullSecret } from '../../../src/core/explain/pull-secret.ts';
import { readContent } from '../../../src/core/explain/secret-state.ts';
import { startOracle, type Oracle } from '../../../tools/oracle/oracle.ts';
import type { PullSecret } from '../../../tools/oracle/protocol.ts';

let oracle: Oracle;

beforeAll(async () => {
  oracle = await startOracle();
}, 600_000);
afterAll(() => oracle[Symbol.asyncDispose]());

const hosts = ['quay.io', 'a.quay.io', 'docker.io', 'index.docker.io', 'r.example.com:5000', 'localhost'];
const names = [
  ...['docker.io/library/nginx', 'docker.io/acme/app', 'quay.io/acme/app', 'quay.io/acme', 'a.quay.io/acme/app'],
  ...['r.example.com:5000/x', 'r.example.com/x', 'localhost/x', 'REG/x'],
];
const key = fc
  .tuple(
    fc.constantFrom('', '', '', 'https://', 'http://', 'HTTPS://'),
    fc.constantFrom(...hosts, '*.io', '*.quay.io', 'Quay.io', 'user@quay.io', 'quay.io:', 'quay .io', '*'),
    fc.constantFrom('', '', '', '/', '/v1/', '/v1', '/acme', '/acme/', '/v2/acme', '/acme/app:1', '?x', '#%'),
  )
  .map((parts) => parts.join(''));

const text = fc.constantFrom('"user"', '"pass"', '""', 'null');
const auth = fc.constantFrom('"dXNlcjpwYXNz"', '"dXNlcjpwYXNz\\n"', '"OnBhc3M="', '""', 'null');
const badAuth = fc.constantFrom('"dXNlcg=="', '"dXNlcjpw*"', '" dXNlcjpwYXNz"', '"="', '7', '{}');
const soundEntry = fc.oneof(
  fc.constantFrom('{}', 'null', '{"identitytoken":"x"}', '{"other":[1]}'),
  fc.tuple(text, text).map(([username, password]) => `{"username":${username},"password":${password}}`),
  fc.tuple(text, auth).map(([username, given]) => `{"USERNAME":${username},"Auth":${given}}`),
  fc.tuple(badAuth, auth).map(([bad, good]) => `{"auth":${bad === '7' || bad === '{}' ? 'null' : bad},"auth":${good}}`),
);
const badEntry = fc.oneof(
  fc.constantFrom('7', '"x"', '[]', 'true', '{"email":7}', '{"password":[]}'),
  badAuth.map((given) => `{"auth":${given}}`),
);
/** Nearly all are sound: one bad entry fails all Secrets of a case. */
const entry = fc.oneof({ weight: 40, arbitrary: soundEntry }, { weight: 1, arbitrary: badEntry });
const entries = fc
  .array(fc.tuple(key, entry), { maxLength: 4 })
  .map((pairs) => `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`);
const document = fc.oneof(
  { weight: 20, arbitrary: entries.map((auths) => `{"auths":${auths}}`) },
  { weight: 4, arbitrary: fc.tuple(entries, entries).map(([first, second]) => `{"auths":${first},"AUTHS":${second}}`) },
  { weight: 2, arbitrary: entries.map((auths) => `{"auths":${auths},"auths":null}`) },
  { weight: 2, arbitrary: entries.map((auths) => `{"HttpHeaders":{"a":"b","c":null},"auths":${auths}}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'null',
      '{}',
      '',
      ' {} ',
      '{"auths":[]}',
      '[]',
      '\ufeff{}',
      '{} {}',
      '{"auths":{},}',
      '{"HttpHeaders":{"a":1}}',
      '{"credsStore":"x"}',
    ),
  },
);
const legacy = fc.oneof(
  { weight: 10, arbitrary: entries },
  { weight: 1, arbitrary: fc.constantFrom('null', '', '{"auths":{}}', '{"auths":{},"credsStore":"x"}', '[]') },
);
const encode = (content: string): Uint8Array => new TextEncoder().encode(content);
const secret = fc.oneof(
  {
    weight: 10,
    arbitrary: document.map((content) => ({
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': encode(content) },
    })),
  },
  {
    weight: 5,
    arbitrary: legacy.map((content) => ({ type: 'kubernetes.io/dockercfg', data: { '.dockercfg': encode(content) } })),
  },
  {
    weight: 1,
    arbitrary: document.map((content) => ({ type: 'Opaque', data: { '.dockerconfigjson': encode(content) } })),
  },
  {
    weight: 1,
    arbitrary: document.map((content) => ({
      type: 'kubernetes.io/dockercfg',
      data: { '.dockerconfigjson': encode(content) },
    })),
  },
);
const secrets = fc
  .array(secret, { minLength: 1, maxLength: 3 })
  .map((list) => list.map((each, index): PullSecret => ({ name: `s${index}`, ...each })));

it('finds what the kubelet finds over several Secrets, in its order', async () => {
  let readable = 0;
  await fc.assert(
    fc.asyncProperty(secrets, async (list) => {
      const { lookup } = await oracle.ask({ lookup: { secrets: list, names } });
      const listed: ListedSecret[] = list.map(({ name, type, data }) => ({
        name,
        content: readContent(readPullSecret(type, data)),
      }));
      const isBroken = listed.some(({ content }) => content.kind === 'broken');
      expect(isBroken).toBe(lookup === 'unreadable');
      if (lookup === 'unreadable' || lookup === undefined) return;
      readable += 1;
      const keyring = createPodKeyring(listed, []);
      // Two spellings of a key in one Secret come in no particular order, so Secrets are compared, not keys.
      const found = names.map((name) => keyring.find(name).map((credential) => credential.secret));
      expect(found).toEqual(lookup.map((credentials) => credentials.map((credential) => credential.secret)));
    }),
    { numRuns: 3000 },
  );
  expect(readable).toBeGreaterThan(1500);
}, 120_000);

it('calls a key a match where the kubelet finds its credential', async () => {
  let matches = 0;
  await fc.assert(
    fc.asyncProperty(key, async (rawKey) => {
      const content = encode(JSON.stringify({ auths: { [rawKey]: { username: 'user', password: 'pass' } } }));
      const type = 'kubernetes.io/dockerconfigjson';
      const alone = { name: 's', type, data: { '.dockerconfigjson': content } };
      const { lookup } = await oracle.ask({ lookup: { secrets: [alone], names } });
      const found = names.map((name) => compareKey(rawKey, name).kind === 'match');
      matches += found.filter(Boolean).length;
      expect(lookup).toEqual(
        found.map((isMatch) => (isMatch ? [{ username: 'user', password: 'pass', secret: 's' }] : [])),
      );
    }),
    { numRuns: 1000 },
  );
  expect(matches).toBeGreaterThan(300);
}, 120_000);
