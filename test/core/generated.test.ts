import { expect, it } from 'vitest';
import { formatFinding, fuzz } from '../../tools/fuzz/fuzz.ts';
import { startOracle } from '../../tools/oracle/oracle.ts';

it('100,000 generated cases are answered as the kubelet answers them', { timeout: 600_000 }, async () => {
  // Another seed every time: what one run cannot find another may. `npm run fuzz -- --seed` makes the same cases.
  const seed = Math.trunc(Math.random() * 2 ** 31);
  console.log(`generated cases: seed ${seed}`);
  await using oracle = await startOracle();
  const finding = await fuzz({ oracle, cases: 100_000, seed });
  expect(finding === undefined ? 'no disagreement' : formatFinding(finding)).toBe('no disagreement');
});
