import { describe, expect, it } from 'vitest';
import { rememberCredentials, type Credentials } from '../../src/kube/connection.ts';

function stage() {
  let now = 0;
  const reads: (() => Promise<Credentials>)[] = [];
  let count = 0;
  const credentials = rememberCredentials(() => (reads.shift() ?? (async () => token(++count)))(), { now: () => now });
  return { credentials, reads, pass: (ms: number) => void (now += ms) };
}

function token(number: number): Credentials {
  return { headers: { Authorization: `Bearer token-${number}` }, tls: {} };
}

describe('credentials', () => {
  it('are read once for the requests of a second', async () => {
    const { credentials, pass } = stage();
    const both = await Promise.all([credentials.get(), credentials.get()]);
    pass(999);
    expect([...both, await credentials.get()]).toEqual([token(1), token(1), token(1)]);
    pass(1);
    expect(await credentials.get()).toEqual(token(2));
  });

  it('are read anew after they let nothing in, and after they could not be read', async () => {
    const { credentials, reads } = stage();
    expect(await credentials.get()).toEqual(token(1));
    credentials.forget();
    reads.push(() => Promise.reject(new Error('no such file')));
    await expect(credentials.get()).rejects.toThrow('no such file');
    expect(await credentials.get()).toEqual(token(2));
  });
});
