import { describe, expect, it } from 'vitest';
import { createGraceTimes } from '../../src/reconcile/grace.ts';
import { createManualClock } from '../support/manual-clock.ts';

function setUp(graceMs = 1000) {
  const clock = createManualClock();
  return { clock, grace: createGraceTimes(graceMs, clock) };
}

describe('createGraceTimes', () => {
  it('runs from the first question', async () => {
    const { clock, grace } = setUp();
    await clock.advance(500);
    expect(grace.left('ns', 'source')).toBe(1000);
    await clock.advance(400);
    expect(grace.left('ns', 'source')).toBe(600);
    await clock.advance(600);
    expect(grace.left('ns', 'source')).toBe(0);
    await clock.advance(5000);
    expect(grace.left('ns', 'source')).toBe(-5000);
  });

  it('runs for each thing of each namespace by itself', async () => {
    const { clock, grace } = setUp();
    grace.left('ns', 'a');
    await clock.advance(300);
    expect(grace.left('ns', 'b')).toBe(1000);
    expect(grace.left('other', 'a')).toBe(1000);
    expect(grace.left('ns', 'a')).toBe(700);
  });

  it('begins anew for what was there in between', async () => {
    const { clock, grace } = setUp();
    grace.left('ns', 'a');
    grace.left('ns', 'b');
    await clock.advance(300);
    grace.keepOnly('ns', new Set(['b']));
    expect(grace.left('ns', 'a')).toBe(1000);
    expect(grace.left('ns', 'b')).toBe(700);
  });

  it('forgets one namespace, and all', async () => {
    const { clock, grace } = setUp();
    grace.left('ns', 'a');
    grace.left('other', 'a');
    await clock.advance(300);
    grace.forget('ns');
    expect([grace.left('ns', 'a'), grace.left('other', 'a')]).toEqual([1000, 700]);
    grace.clear();
    expect([grace.left('ns', 'a'), grace.left('other', 'a')]).toEqual([1000, 1000]);
  });

  it('of no time is over at once', () => {
    expect(setUp(0).grace.left('ns', 'a')).toBe(0);
  });
});
