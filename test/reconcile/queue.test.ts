import { describe, expect, it } from 'vitest';
import { createQueue, type WorkResult } from '../../src/reconcile/queue.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';

/** A queue whose work ends when the test says so, or when it is given up. */
function setUp(concurrency = 2, patienceMs = Infinity) {
  const clock = createManualClock();
  const started: string[] = [];
  const under = new Map<string, PromiseWithResolvers<WorkResult>>();
  const errors: string[] = [];
  const givenUp: string[] = [];
  const stop = new AbortController();
  const queue = createQueue({
    work: (key, signal) => {
      started.push(key);
      const promise = Promise.withResolvers<WorkResult>();
      under.set(key, promise);
      if (patienceMs < Infinity) signal.addEventListener('abort', () => promise.reject(signal.reason as Error));
      return promise.promise;
    },
    onError: (key) => errors.push(key),
    onGivenUp: (key, afterMs) => givenUp.push(`${key} after ${afterMs}`),
    concurrency,
    patienceMs,
    backoff: { baseMs: 100, maxMs: 1000 },
    pauses: { baseMs: 10, maxMs: 40 },
    clock,
    random: () => 1, // the whole of each step
  });
  const ended = queue.run(stop.signal);
  async function end(key: string, result: WorkResult | Error = { kind: 'done' }): Promise<void> {
    const work = under.get(key);
    if (result instanceof Error) work?.reject(result);
    else work?.resolve(result);
    await settle();
  }
  return { clock, queue, started, errors, givenUp, end, stop, ended };
}

describe('createQueue', () => {
  it('keeps what is added before it runs', async () => {
    const clock = createManualClock();
    const started: string[] = [];
    const queue = createQueue({
      work: (key) => {
        started.push(key);
        return Promise.resolve({ kind: 'done' });
      },
      onError: () => {},
      onGivenUp: () => {},
      concurrency: 1,
      patienceMs: Infinity,
      backoff: { baseMs: 1, maxMs: 1 },
      pauses: { baseMs: 1, maxMs: 1 },
      clock,
      random: () => 0,
    });
    queue.add('a');
    queue.add('a');
    expect(started).toEqual([]);
    const stop = new AbortController();
    const ended = queue.run(stop.signal);
    await settle();
    expect(started).toEqual(['a']);
    stop.abort();
    await ended;
  });

  it('works on no more keys at once than it may, in the order of their adding', async () => {
    const { queue, started, end } = setUp(2);
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    expect(started).toEqual(['a', 'b']);
    expect(queue.depth()).toBe(4);
    await end('b');
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('works on a key once more that was added while it was worked on, never twice at once', async () => {
    const { queue, started, end } = setUp();
    queue.add('a');
    queue.add('a');
    queue.add('a');
    expect(started).toEqual(['a']);
    await end('a');
    expect(started).toEqual(['a', 'a']);
    await end('a');
    expect(started).toEqual(['a', 'a']);
    expect(queue.depth()).toBe(0);
  });

  it('tries again what failed, at growing intervals up to the longest, and forgets them once it is done', async () => {
    const { clock, queue, started, errors, end } = setUp();
    queue.add('a');
    for (const delay of [100, 200, 400, 800, 1000, 1000]) {
      await end('a', new Error('no'));
      expect(clock.sleeping()).toEqual([delay]);
      await clock.advance(delay);
    }
    expect(started).toHaveLength(7);
    expect(errors).toHaveLength(6);
    expect(queue.retrying()).toBe(1);
    await end('a');
    expect(queue.retrying()).toBe(0);
    queue.add('a');
    await end('a', { kind: 'failed' });
    expect(clock.sleeping()).toEqual([100]);
  });

  it('looks again when the work asks for it, which is no failure', async () => {
    const { clock, queue, started, end } = setUp();
    queue.add('a');
    await end('a', { kind: 'done', againMs: 5000 });
    expect(queue.retrying()).toBe(0);
    expect(clock.sleeping()).toEqual([5000]);
    await clock.advance(5000);
    expect(started).toEqual(['a', 'a']);
  });

  it('tries at once what is added while it waits, and not again when the wait would have ended', async () => {
    const { clock, queue, started, end } = setUp();
    queue.add('a');
    await end('a', new Error('no'));
    queue.add('a');
    expect(started).toEqual(['a', 'a']);
    await end('a');
    await clock.advance(10_000);
    expect(started).toEqual(['a', 'a']);
  });

  it('keeps the earlier of two planned times', async () => {
    const { clock, queue, started, end } = setUp();
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 300);
    await clock.advance(200);
    expect(started).toEqual(['a']);
    await end('a');
    await clock.advance(1000);
    expect(started).toEqual(['a']);
  });

  it('makes all keys wait while none can be worked on, longer each time', async () => {
    const { clock, queue, started, end } = setUp(2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await end('a', { kind: 'pause' });
    await end('b', { kind: 'pause' });
    await clock.advance(9);
    expect(started).toEqual(['a', 'b']);
    await clock.advance(1);
    expect(started).toEqual(['a', 'b', 'c']);
    await end('c', { kind: 'pause' });
    await clock.advance(19);
    expect(started).toEqual(['a', 'b', 'c']);
    await clock.advance(1);
    expect(started).toEqual(['a', 'b', 'c', 'a']);
  });

  it('lets one key try whether the pause is over, and goes on with all when it is', async () => {
    const { clock, queue, started, end } = setUp(3);
    for (const key of ['a', 'b', 'c', 'd', 'e']) queue.add(key);
    for (const key of ['a', 'b', 'c']) await end(key, { kind: 'pause' });
    expect(queue.retrying()).toBe(3);
    await clock.advance(40);
    expect(started.slice(3)).toEqual(['d']);
    await end('d');
    expect(started.slice(3)).toEqual(['d', 'e', 'a', 'b']);
    await end('e');
    await end('a');
    expect(started.slice(3)).toEqual(['d', 'e', 'a', 'b', 'c']);
    await end('b');
    await end('c');
    expect(queue.retrying()).toBe(0);
  });

  it('pauses for as long as it is asked to', async () => {
    const { clock, queue, started, end } = setUp(1);
    queue.add('a');
    queue.add('b');
    await end('a', { kind: 'pause', atLeastMs: 500 });
    await clock.advance(499);
    expect(started).toEqual(['a']);
    await clock.advance(1);
    expect(started).toEqual(['a', 'b']);
  });

  it('does not let one key that alone finds trouble hold up the others', async () => {
    const { clock, queue, started, end } = setUp(1);
    queue.add('bad');
    for (let i = 0; i < 20; i++) queue.add(`good-${i}`);
    const startedAt = clock.now();
    let next = 0;
    while (queue.depth() > 0) {
      const key = started[next];
      if (key === undefined) await clock.advance(1);
      else {
        next++;
        await end(key, key === 'bad' ? { kind: 'pause' } : { kind: 'done' });
      }
    }
    expect(clock.now() - startedAt).toBeLessThanOrEqual(20);
    expect(started.filter((key) => key === 'bad').length).toBeLessThanOrEqual(2);
  });

  it('tries a new key at once beside many that find trouble, however long each of their tries takes', async () => {
    const { clock, queue, started, end } = setUp(6);
    const bad = Array.from({ length: 40 }, (_, i) => `bad-${i}`);
    const isBad = (key: string): boolean => key.startsWith('bad');
    for (const key of bad) queue.add(key);
    let ended = 0;
    async function endAll(): Promise<void> {
      for (; ended < started.length; ended++) await end(started[ended] ?? '', { kind: 'pause' });
    }
    for (const _ of bad) {
      await endAll();
      await clock.advance(40);
    }
    // All have failed, and one of them tries, without an end.
    expect(started.length - ended).toBe(1);
    queue.add('good');
    await settle();
    expect(started.at(-1)).toBe('good');
    await end('good');
    await clock.advance(40);
    // It is not everybody's trouble: more of them try at once, and still one place is left.
    expect(started.slice(ended).filter(isBad)).toHaveLength(5);
    queue.add('good');
    await settle();
    expect(started.at(-1)).toBe('good');
  });

  it('gives up what takes longer than its patience when another waits for its place, and not before', async () => {
    const { clock, queue, started, givenUp, errors } = setUp(2, 1000);
    queue.add('a');
    await clock.advance(10);
    queue.add('b');
    await clock.advance(5000);
    expect(givenUp).toEqual([]);
    queue.add('c');
    await clock.advance(0);
    expect(givenUp).toEqual(['a after 5010']);
    queue.add('d');
    queue.add('e');
    await clock.advance(0);
    expect(givenUp.slice(1)).toEqual(['b after 5000']);
    await clock.advance(999);
    expect(started).toEqual(['a', 'b', 'c', 'd']);
    await clock.advance(1);
    // One for the key that is new, one for a key that tries again.
    expect(givenUp.slice(2)).toEqual(['c after 1000', 'd after 1000']);
    expect(started.slice(4)).toEqual(['e', 'a']);
    expect(errors).toEqual([]);
  });

  it('has twice the patience with each further try of a key, so that what is merely slow ends in time', async () => {
    const { clock, queue, started, givenUp, end } = setUp(1, 1000);
    queue.add('slow');
    for (let i = 0; i < 20; i++) queue.add(`hung-${i}`);
    while (givenUp.filter((each) => each.startsWith('slow')).length < 3) await clock.advance(100);
    expect(givenUp.filter((each) => each.startsWith('slow'))).toEqual([
      'slow after 1000',
      'slow after 2000',
      'slow after 4000',
    ]);
    while (started.at(-1) !== 'slow') await clock.advance(100);
    await end('slow');
    queue.add('slow');
    const before = started.length;
    while (!started.slice(before).includes('slow')) await clock.advance(100);
    await clock.advance(1000);
    expect(givenUp.at(-1)).toBe('slow after 1000');
  });

  it('works on a new key after a second for each round of those that hang, and at once when all of them did', async () => {
    const { clock, queue, started, end } = setUp(24, 1000);
    for (let i = 0; i < 60; i++) queue.add(`hung-${i}`);
    queue.add('good');
    await clock.advance(1999);
    expect(started).not.toContain('good');
    await clock.advance(1);
    expect(started).toContain('good');
    await end('good');
    await clock.advance(60_000);
    queue.add('another');
    await settle();
    expect(started.at(-1)).toBe('another');
  });

  it('lets retries have the places of retries that hang, and first tries those of both', async () => {
    const { clock, queue, started, end, givenUp } = setUp(6, 1000);
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) queue.add(key);
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) await end(key, { kind: 'failed' });
    await clock.advance(100);
    expect(started.slice(6)).toEqual(['a', 'b', 'c', 'd', 'e']);
    await clock.advance(1000);
    expect(givenUp).toEqual(['a after 1000']);
    expect(started.slice(11)).toEqual(['f']);
    queue.add('g');
    queue.add('h');
    await clock.advance(0);
    expect(started.slice(12)).toEqual(['g', 'h']);
    expect(givenUp.slice(1)).toEqual(['b after 1000']);
  });

  it('lets others have their turn while thousands of keys have nothing to do', async () => {
    const clock = createManualClock();
    let worked = 0;
    const queue = createQueue({
      work: () => {
        worked++;
        return Promise.resolve({ kind: 'done' });
      },
      onError: () => {},
      onGivenUp: () => {},
      concurrency: 10,
      patienceMs: Infinity,
      backoff: { baseMs: 1, maxMs: 1 },
      pauses: { baseMs: 1, maxMs: 1 },
      clock,
      random: () => 0,
    });
    const stop = new AbortController();
    void queue.run(stop.signal);
    for (let i = 0; i < 120; i++) queue.add(`key-${i}`);
    await settle();
    expect(worked).toBe(50);
    await clock.advance(0);
    expect(worked).toBe(120);
    stop.abort();
  });

  it('can run again after it ended, with what was left', async () => {
    const { queue, started, end, stop, ended } = setUp(1);
    queue.add('a');
    queue.add('b');
    stop.abort();
    await end('a', { kind: 'pause' });
    await ended;
    // Who retries is whoever runs.
    expect(queue.retrying()).toBe(0);
    const again = new AbortController();
    void queue.run(again.signal);
    expect(started).toEqual(['a', 'b']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'a']);
    await end('a');
    again.abort();
  });

  it('ends when what is under way has ended, and starts nothing more', async () => {
    const { queue, started, end, stop, ended } = setUp(1);
    queue.add('a');
    queue.add('b');
    stop.abort();
    let over = false;
    void ended.then(() => {
      over = true;
    });
    await settle();
    expect(over).toBe(false);
    await end('a');
    await ended;
    expect(started).toEqual(['a']);
  });
});
