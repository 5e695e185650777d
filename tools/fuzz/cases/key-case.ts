import { normaliseKey } from '../../../src/core/kubelet/registry-key.ts';
import { sameAnswer } from './case-kind.ts';

/** What a registry key is stored under; null where it is dropped. */
export interface KeyCase {
  readonly kind: 'key';
  readonly key: string;
}

export const keyKind = sameAnswer<KeyCase>('a key is normalised as the kubelet normalises it', {
  question: ({ key }) => ({ keys: [key] }),
  kubelet: (_, { keys }) => keys[0] ?? null,
  ours: ({ key }) => normaliseKey(key) ?? null,
});
