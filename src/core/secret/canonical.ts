// What Pullkeeper writes into a managed Secret.

import { compareBytes } from '../kubelet/byte-string.ts';
import { HUB_FALLBACK_KEY } from '../kubelet/docker-hub.ts';
import { encodeBase64 } from '../sources/base64.ts';
import { placeHubKey } from '../sources/docker-hub.ts';
import { createKeyring, type Keyring, type KeyringEntry } from '../sources/keyring.ts';
import { encodeUtf8 } from '../sources/utf8.ts';

/**
 * The text of `.dockerconfigjson` in canonical form: the same for the same entries, whatever their order. Read by the
 * kubelet, it gives exactly what `Keyring.find` gives. `{"auths":{}}` when empty. Holds credentials.
 */
export function renderDockerConfig(keyring: Keyring | readonly KeyringEntry[]): string {
  const { entries } = isKeyring(keyring) ? keyring : createKeyring(keyring);
  const place = placeHubKey(entries);
  const auths = entries
    .map((entry) => ({ key: writeKey(place(entry)), value: renderValue(entry) }))
    .sort((left, right) => compareBytes(left.key, right.key))
    .map(({ key, value }) => `${JSON.stringify(key)}:${value}`);
  return `{"auths":{${auths.join(',')}}}`;
}

function isKeyring(keyring: Keyring | readonly KeyringEntry[]): keyring is Keyring {
  return !Array.isArray(keyring);
}

/** A key which the kubelet normalises to this one. */
function writeKey(normalised: string): string {
  if (normalised === HUB_FALLBACK_KEY) return `https://${HUB_FALLBACK_KEY}/v1/`;
  // The kubelet removes one "/v1" or "/v2" from the start of a path: one that belongs there needs another before it.
  return normalised.replace(/^([^/]*)(\/v[12]\/)/, '$1/v1$2');
}

function renderValue({ username, password }: KeyringEntry): string {
  // The kubelet ends the user name in `auth` at the first colon.
  if (username.includes(':')) return JSON.stringify({ username, password });
  return JSON.stringify({ username, password, auth: encodeBase64(encodeUtf8(`${username}:${password}`)) });
}
