import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compareKey } from '../../../src/core/explain/near-miss.ts';
import { parseImage } from '../../../src/core/kubelet/image-reference.ts';

const folder = join(import.meta.dirname, '../../fixtures/explain/near');

interface Case {
  readonly key: string;
  readonly image: string;
  /** `match`, `far`, or the reasons of a near miss, whole. */
  readonly expected: 'match' | 'far' | readonly { readonly code: string; readonly sentence: string }[];
}

for (const file of readdirSync(folder)) {
  const cases = parse(readFileSync(join(folder, file), 'utf8')) as readonly Case[];

  describe(`keys of ${file}`, () => {
    it.each(cases)('$key for $image', ({ key, image, expected }) => {
      const reference = parseImage(image);
      if (reference.kind === 'invalid') throw new Error(`${image} is no image`);
      const comparison = compareKey(key, reference.name);
      expect(comparison).toEqual(
        typeof expected === 'string' ? { kind: expected } : { kind: 'near', reasons: expected },
      );
    });
  });
}
