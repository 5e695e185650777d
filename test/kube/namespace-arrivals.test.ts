import { describe, expect, it } from 'vitest';
import { createNamespaceArrivals } from '../../src/kube/namespace-arrivals.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';

function setUp(waiting = 4) {
  const clock = createManualClock();
  const arrivals = createNamespaceArrivals(clock, { waitMs: 800, waiting });
  const over: string[] = [];
  const expectOne = (name: string, client = 'a') => {
    const arrival = arrivals.expect(name, client);
    void arrival.over.then(() => over.push(name));
    return arrival;
  };
  return { clock, arrivals, over, expectOne };
}

describe('who waits for a namespace', () => {
  it('hears of it as soon as the watch tells, and not of others', async () => {
    const { arrivals, clock, over, expectOne } = setUp();
    for (const name of ['tom', 'tim', 'tom']) expectOne(name);
    arrivals.tell('tom');
    arrivals.tell('ann');
    await settle();
    expect(over).toEqual(['tom', 'tom']);
    expect(clock.sleeping()).toEqual([800]);
  });

  it('waits for 800 ms at most', async () => {
    const { clock, over, expectOne } = setUp();
    expectOne('tom');
    await clock.advance(799);
    expect(over).toEqual([]);
    await clock.advance(1);
    expect(over).toEqual(['tom']);
  });

  it('gives way to others when too many wait: first whoever has waited longest', async () => {
    const { over, expectOne } = setUp();
    for (const name of ['one', 'two', 'three', 'four', 'five', 'six']) expectOne(name);
    await settle();
    expect(over).toEqual(['one', 'two']);
  });

  it('gives way within the client that has most of them', async () => {
    const { over, expectOne } = setUp();
    expectOne('tom', 'API server');
    for (let number = 1; number <= 100; number++) expectOne(`random-${number}`, 'flooder');
    await settle();
    expect(over).toHaveLength(97);
    expect(over).not.toContain('tom');
  });

  it('takes no place once it has left', async () => {
    const { clock, over, expectOne } = setUp();
    const first = expectOne('tom');
    first.leave();
    for (const name of ['one', 'two', 'three', 'four']) expectOne(name);
    first.leave();
    await settle();
    expect(over).toEqual(['tom']);
    expect(clock.sleeping()).toHaveLength(4);
  });
});
