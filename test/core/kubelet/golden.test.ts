import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeCase } from '../../../tools/fuzz/cases/kinds.ts';
import { startOracle, type Oracle } from '../../../tools/oracle/oracle.ts';
import { readGoldenFiles } from '../golden-files.ts';

let oracle: Oracle;
beforeAll(async () => {
  oracle = await startOracle();
}, 600_000);
afterAll(() => oracle[Symbol.asyncDispose]());

describe('golden cases, by the kubelet and by our code', () => {
  it.for(readGoldenFiles('kubelet'))('$name', async ({ golden }) => {
    const { kubelet, disagreements } = await judgeCase(oracle, golden);
    expect(kubelet).toEqual(golden.kubelet);
    expect(disagreements).toEqual([]);
  });
});
