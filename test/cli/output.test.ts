import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createOutput } from '../../src/cli/output.ts';

function failing(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, callback) => callback(Object.assign(new Error('no space left'), { code })),
  });
}

describe('createOutput', () => {
  it('waits for a reader that is slow', async () => {
    const pipe = new PassThrough({ highWaterMark: 4 });
    const output = createOutput(pipe);
    output.write('more than fits');
    let isDone = false;
    const done = output.handOver().then((problem) => {
      isDone = true;
      return problem;
    });
    await new Promise((resolve) => void setImmediate(resolve));
    expect(isDone).toBe(false);
    pipe.resume();
    expect(await done).toBeUndefined();
  });

  it('says nothing of a reader that wanted no more', async () => {
    const output = createOutput(failing('EPIPE'));
    output.write('a');
    expect(await output.handOver()).toBeUndefined();
    expect(await output.handOver()).toBeUndefined();
  });

  it('tells why the output could not be written, also when that came up long before', async () => {
    const output = createOutput(failing('ENOSPC'));
    output.write('a');
    await new Promise((resolve) => void setImmediate(resolve));
    output.write('b');
    expect(await output.handOver()).toBe('the output could not be written: no space left');
  });
});
