import { createLookupIndex } from '../../../src/core/kubelet/lookup.ts';
import { normaliseKey } from '../../../src/core/kubelet/registry-key.ts';
import type { PullSecret } from '../../oracle/protocol.ts';
import { sameAnswer } from './case-kind.ts';
import { listFound, namesOf } from './found-credentials.ts';

/** Which credentials are found for images, and in which order. */
export interface LookupCase {
  readonly kind: 'lookup';
  /** In the Pod's order: for each Secret its registry keys as written, each with a user name. */
  readonly secrets: readonly (readonly (readonly [key: string, username: string])[])[];
  readonly images: readonly string[];
}

export const lookupKind = sameAnswer<LookupCase>('a lookup finds what the kubelet finds, in its order', {
  question: ({ secrets, images }) => ({ lookup: { secrets: secrets.map(makeSecret), names: namesOf(images) } }),
  kubelet: ({ images }, { lookup }) => listFound(images, lookup),
  ours({ secrets, images }) {
    const entries = secrets.flat().flatMap(([rawKey, username]) => {
      const key = normaliseKey(rawKey);
      return key === undefined ? [] : [[key, { username, password: '' }] as const];
    });
    const index = createLookupIndex(entries);
    return listFound(
      images,
      namesOf(images).map((name) => index.find(name)),
    );
  },
});

function makeSecret(auths: LookupCase['secrets'][number], index: number): PullSecret {
  const members = auths.map(([key, username]) => `${JSON.stringify(key)}:${JSON.stringify({ username })}`);
  return {
    name: `secret-${index}`,
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(`{"auths":{${members.join(',')}}}`) },
  };
}
