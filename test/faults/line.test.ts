import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import type { Ending } from './line.ts';
import { useRotation } from './rotation.ts';
import { FAULT_MS } from './settings.ts';

const { world, rotate, beginRotation, expectRight } = useRotation();

describe('every managed Secret is right after', () => {
  it.each([
    ['reset', false],
    ['cut in the middle of an event', true],
  ])('watches that were %s every 200 ms', async (_, midLine) => {
    const { proxy } = world();
    const cutting = setInterval(() => proxy.cutWatches(midLine), 200);
    for (let i = 0; i < 4; i++) {
      await sleep(FAULT_MS / 4);
      await rotate();
    }
    clearInterval(cutting);
    await expectRight();
  });

  it.each<Ending>(['resume', 'reset', 'dead'])(
    'a line that accepted and never answered, whose connections then %s',
    async (ending) => {
      const { line } = world().proxy;
      line.silence();
      await rotate();
      await sleep(FAULT_MS);
      line.end(ending);
      await expectRight();
    },
  );

  it('connections that died in silence, while new ones work', async () => {
    const { line } = world().proxy;
    line.silence();
    line.end('dead');
    await rotate();
    await expectRight();
  });

  it('connections that died in silence in the middle of a rotation, while new ones work', async () => {
    const { proxy } = world();
    await beginRotation();
    proxy.line.silence();
    proxy.line.end('dead');
    await expectRight();
  });

  it('the CA of the API server was replaced, which the file of CAs said a while later', async () => {
    const replaced = await world().proxy.replaceCa();
    await rotate();
    await sleep(FAULT_MS);
    await replaced.tell();
    await expectRight();
  });
});
