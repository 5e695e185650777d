import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderDockerConfig } from '../../../src/core/secret/canonical.ts';
import { createKeyring } from '../../../src/core/sources/keyring.ts';
import type { Source } from '../../../src/core/sources/source.ts';
import type { TestCase } from '../../../tools/fuzz/cases/kinds.ts';
import { judgeCase } from '../../../tools/fuzz/cases/kinds.ts';
import { readCase } from '../../../tools/fuzz/cases/source-case.ts';
import { startOracle, type Oracle } from '../../../tools/oracle/oracle.ts';
import { readGoldenFiles, type GoldenCase } from '../golden-files.ts';

let oracle: Oracle;
beforeAll(async () => {
  oracle = await startOracle();
}, 600_000);
afterAll(() => oracle[Symbol.asyncDispose]());

/** A source is kept with all that is made of it, one found by fuzzing perhaps without. */
type GoldenSource = GoldenCase & { readonly ours?: ReturnType<typeof readWhole> };

describe('golden sources and selectors, by Kubernetes and by our code', () => {
  it.for(readGoldenFiles<GoldenSource>('sources'))('$name', async ({ golden }) => {
    const ours = readWhole(golden);
    expect(ours).toEqual('ours' in golden ? golden.ours : ours);

    const { kubelet, disagreements } = await judgeCase(oracle, golden);
    expect(kubelet).toEqual(golden.kubelet);
    expect(disagreements).toEqual([]);
  });
});

interface WholeReading extends Pick<Source, 'entries' | 'refusals' | 'warnings'> {
  readonly scope: Source['scope']['kind'];
  /** The managed Secret of this source alone. */
  readonly managed: string;
}

function readWhole(testCase: TestCase): WholeReading | undefined {
  if (testCase.kind !== 'source') return undefined;
  const { name, scope, entries, refusals, warnings } = readCase(testCase);
  const managed = renderDockerConfig(createKeyring(entries.map((entry) => ({ ...entry, source: name }))));
  return { scope: scope.kind, entries, refusals, warnings, managed };
}
