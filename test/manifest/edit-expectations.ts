import { expect } from 'vitest';
import type { TextEdit } from '../../src/manifest/text-edit.ts';

/**
 * Every byte outside of the edits is there as it was, what was taken away is no more than a word for null, and what was
 * put in is no more than the reference, its field, and what holds them together.
 */
export function expectReferencesOnly(
  input: string,
  output: string,
  edits: readonly TextEdit[],
  secretName: string,
): void {
  let restored = '';
  let inInput = 0;
  let inOutput = 0;
  for (const { start, end, text } of edits) {
    const kept = input.slice(inInput, start);
    expect(output.slice(inOutput, inOutput + kept.length)).toBe(kept);
    inOutput += kept.length;
    expect(output.slice(inOutput, inOutput + text.length)).toBe(text);
    inOutput += text.length;
    restored += kept + input.slice(start, end);
    inInput = end;

    expect(['', 'null', '~', 'Null', 'NULL']).toContain(input.slice(start, end));
    expect(text.replace('imagePullSecrets', '').replace('name', '').replace(secretName, '')).toMatch(
      /^[\s"[\]{},:-]*$/,
    );
  }
  expect(output.slice(inOutput)).toBe(input.slice(inInput));
  expect(restored + input.slice(inInput)).toBe(input);
}
