import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseImage } from '../../../src/core/kubelet/image-reference.ts';
import { formatFinding, fuzz } from '../../../tools/fuzz/fuzz.ts';
import { startOracle, type Oracle } from '../../../tools/oracle/oracle.ts';
import type { Answer, Question } from '../../../tools/oracle/protocol.ts';

let oracle: Oracle;
beforeAll(async () => {
  oracle = await startOracle();
}, 600_000);
afterAll(() => oracle[Symbol.asyncDispose]());

/** The oracle, but for one lie: no image that holds this word is valid. */
function lyingOracle(word: string): Oracle {
  return {
    async ask(question: Question): Promise<Answer> {
      const answer = await oracle.ask(question);
      const images = answer.images.map((image, index) =>
        question.images?.[index]?.includes(word) ? 'invalid' : image,
      );
      return { ...answer, images };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

it('finds a disagreement, makes it small and prints it as a golden file', { timeout: 60_000 }, async () => {
  const finding = await fuzz({ oracle: lyingOracle('acme'), cases: 5_000, seed: 1 });
  if (finding?.testCase.kind !== 'image') throw new Error('a disagreement over an image was there to be found');
  const { image } = finding.testCase;
  expect(image).toContain('acme');
  expect(image.length).toBeLessThan('docker.io/acme'.length);
  expect(parseImage(image).kind).toBe('valid');

  const text = formatFinding(finding);
  expect(text).toContain('does not hold: an image is read as the kubelet reads it');
  expect(JSON.parse(text.slice(text.indexOf('\n{')))).toEqual({
    why: 'found by fuzzing',
    kind: 'image',
    image,
    kubelet: 'invalid',
  });
});

it('counts its cases and makes the same ones for a seed', { timeout: 60_000 }, async () => {
  const seen: Question[][] = [];
  for (let run = 0; run < 2; run++) {
    const asked: Question[] = [];
    const listening: Oracle = {
      ask(question) {
        asked.push(question);
        return oracle.ask(question);
      },
      [Symbol.asyncDispose]: async () => {},
    };
    const progress: number[] = [];
    await expect(
      fuzz({ oracle: listening, cases: 1_500, seed: 2, onProgress: (done) => progress.push(done) }),
    ).resolves.toBe(undefined);
    expect(progress.at(-1)).toBe(1_500);
    seen.push(asked);
  }
  expect(seen[0]).toEqual(seen[1]);
});
