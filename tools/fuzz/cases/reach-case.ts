import { checkKey } from '../../../src/core/sources/key-check.ts';
import { compare, type CaseKind } from './case-kind.ts';
import { listFound, namesOf } from './found-credentials.ts';

/** Whether a registry key that is refused because no image can match it matches one. */
export interface ReachCase {
  readonly kind: 'reach';
  readonly key: string;
  readonly images: readonly string[];
}

export const reachKind: CaseKind<ReachCase> = {
  questions: ({ key, images }) => [
    {
      lookup: {
        secrets: [
          {
            name: 'one',
            type: 'kubernetes.io/dockerconfigjson',
            data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: { [key]: { username: 'user' } } })) },
          },
        ],
        names: namesOf(images),
      },
    },
  ],
  judge({ key, images }, [answer]) {
    const kubelet = listFound(images, answer?.lookup);
    const matched = namesOf(images).filter((_, index) => answer?.lookup?.at(index)?.length !== 0);
    const checked = checkKey(key);
    const isRefused = checked.kind === 'refused' && (checked.code === 'key-unmatchable' || checked.code === 'key-port');
    const disagreements =
      isRefused && !isByLetter(key) ? compare('a key that no image can match matches none', matched, []) : [];
    return { kubelet, disagreements };
  },
};

/**
 * Pullkeeper refuses hosts without dot or port, and IPv6 addresses without port, by name. As a glob the one matches hosts
 * in upper case, and as a class of one character the other matches hosts of one letter: nobody means either.
 */
function isByLetter(key: string): boolean {
  return /^(https?:\/\/)?(\[[^/]*\](:?)|[^./:]*\*[^./:]*:?)(\/|$)/.test(key);
}
