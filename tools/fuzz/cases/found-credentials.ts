import { parseImage } from '../../../src/core/kubelet/image-reference.ts';
import type { LookupAnswer } from '../../oracle/protocol.ts';

/** The repository names of the images that have one, in order. */
export function namesOf(images: readonly string[]): readonly string[] {
  return images.flatMap((image) => {
    const parsed = parseImage(image);
    return parsed.kind === 'valid' ? [parsed.name] : [];
  });
}

interface Credential {
  readonly username: string;
  readonly password: string;
}

/** What was found for each image, in order, to compare and to keep. */
export type FoundByImage = readonly {
  readonly image: string;
  readonly found: readonly (readonly [username: string, password: string])[] | 'invalid';
}[];

/** Puts what was found for {@link namesOf} beside the images. */
export function listFound(
  images: readonly string[],
  found: readonly (readonly Credential[])[] | LookupAnswer | undefined,
): FoundByImage | 'unreadable' {
  if (found === undefined || found === 'unreadable') return 'unreadable';
  const lists = [...found];
  return images.map((image) => {
    if (parseImage(image).kind === 'invalid') return { image, found: 'invalid' };
    const credentials = lists.shift() ?? [];
    return { image, found: credentials.map(({ username, password }) => [username, password]) };
  });
}
