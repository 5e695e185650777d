import { expect, it } from 'vitest';
import { startOracle } from '../../../tools/oracle/oracle.ts';

it('answers many questions in their order', { timeout: 600_000 }, async () => {
  await using oracle = await startOracle();
  const images = Array.from({ length: 500 }, (_, index) => `foo.io/app-${index}`);
  const answers = await Promise.all(images.map((image) => oracle.ask({ images: [image] })));
  expect(answers.map((answer) => answer.images)).toEqual(images.map((name) => [{ name, tag: 'latest' }]));
});

it('says that it cannot read a question, and goes on', { timeout: 600_000 }, async () => {
  await using oracle = await startOracle();
  const wrong = { images: 5 } as unknown as { images: string[] };
  await expect(oracle.ask(wrong)).rejects.toThrow('the oracle cannot read the question');
  await expect(oracle.ask({ keys: ['foo.io/'] })).resolves.toMatchObject({ keys: ['foo.io'] });
});

it('refuses questions once it has been stopped, and answers those before', { timeout: 600_000 }, async () => {
  const oracle = await startOracle();
  const before = oracle.ask({ keys: ['foo.io'] });
  await oracle[Symbol.asyncDispose]();
  await expect(before).resolves.toMatchObject({ keys: ['foo.io'] });
  await expect(oracle.ask({ keys: ['foo.io'] })).rejects.toThrow('the oracle has ended');
});
