import { looksLikeEntry } from './docker-fields.ts';
import { readJson } from './json-text.ts';
import { DOCKERCFG, DOCKER_CONFIG_JSON, type SecretFormat } from './secret-format.ts';
import { decodeUtf8 } from './utf8.ts';

/**
 * Tells by its content which kind of docker config a file is: `config.json` has its registries under `auths`, the older
 * `.dockercfg` has them at the top. What is neither is taken for a `config.json`, whose refusals say what to write.
 */
export function detectFormat(bytes: Uint8Array): SecretFormat {
  const result = readJson(decodeUtf8(bytes) ?? '');
  if (result.kind !== 'json' || result.node.kind !== 'object') return DOCKER_CONFIG_JSON;
  const { members } = result.node;
  const auths = members.findLast(({ name }) => name === 'auths')?.value;
  if (auths !== undefined && !looksLikeEntry(auths)) return DOCKER_CONFIG_JSON;
  return members.some(({ value }) => looksLikeEntry(value)) ? DOCKERCFG : DOCKER_CONFIG_JSON;
}
