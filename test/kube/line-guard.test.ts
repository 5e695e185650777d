import { describe, expect, it } from 'vitest';
import { createLineGuard, type Exchange, type ExchangeKind } from '../../src/kube/line-guard.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';

const CALL: ExchangeKind = { kind: 'call', cuts: 0, slowAfterMs: 1000 };
const WATCH: ExchangeKind = { kind: 'watch' };

/** A guard whose line the test plays: probes are answered while it is up, and take 1 s to fail while it is down. */
function setUp() {
  const clock = createManualClock();
  const stop = new AbortController();
  const events: string[] = [];
  const line = { isUp: true };
  const guard = createLineGuard({
    probe: async () => {
      events.push(`probe at ${clock.now()}`);
      if (line.isUp) return;
      await clock.sleep(1000, stop.signal);
      throw new Error('no answer');
    },
    leaveConnections: () => events.push('new connections'),
    clock,
    signal: stop.signal,
  });
  guard.onRecovery(() => events.push('recovered'));
  const begin = (name: string, what: ExchangeKind): Exchange =>
    guard.begin(what, () => events.push(`${name} cut at ${clock.now()}`));
  /** A watch that has its headers. */
  const beginWatch = (name: string): Exchange => {
    const exchange = begin(name, WATCH);
    exchange.heard();
    return exchange;
  };
  return { clock, stop, events, line, begin, beginWatch };
}

describe('a request that broke, where the first probe is answered', () => {
  it('changes nothing for the others', async () => {
    const { clock, events, begin, beginWatch } = setUp();
    beginWatch('watch');
    const call = begin('call', CALL);
    await clock.advance(700);
    begin('broken', CALL).end('broken');
    await settle();
    call.end('over');
    await clock.advance(5000);
    expect(events).toEqual(['probe at 700']);
  });
});

describe('a request that was silent, where the first probe is answered', () => {
  it('is cut, and so are watches that have been silent since', async () => {
    const { clock, events, begin, beginWatch } = setUp();
    beginWatch('watch');
    begin('call', CALL);
    await clock.advance(1000);
    expect(events).toEqual(['probe at 1000', 'new connections', 'watch cut at 1000', 'call cut at 1000']);
  });

  it('leaves calls whose answer has begun, and what began after the probe', async () => {
    const { clock, events, begin } = setUp();
    begin('answering', CALL).heard();
    begin('silent', CALL);
    await clock.advance(1000);
    begin('later', CALL).end('over');
    expect(events).toEqual(['probe at 1000', 'new connections', 'silent cut at 1000']);
  });

  it('gives the others their patience, and cuts those that are still silent then', async () => {
    const { clock, events, begin, beginWatch } = setUp();
    begin('silent', CALL);
    await clock.advance(600);
    beginWatch('watch');
    begin('young', CALL);
    const speaking = begin('speaking', CALL);
    await clock.advance(400);
    speaking.end('over');
    await clock.advance(200);
    expect(events).toEqual([
      'probe at 1000',
      'new connections',
      'silent cut at 1000',
      'new connections',
      'watch cut at 1100',
      'young cut at 1100',
    ]);
  });

  it('whose time limit passed counts as silent at once', async () => {
    const { clock, events, begin, beginWatch } = setUp();
    beginWatch('watch');
    const call = begin('call', CALL);
    await clock.advance(800);
    call.end('silent');
    await settle();
    expect(events).toEqual(['probe at 800', 'new connections', 'watch cut at 800']);
  });

  it('may be slow by its own measure', async () => {
    const { clock, events, begin } = setUp();
    begin('list', { kind: 'call', cuts: 0, slowAfterMs: 3000 });
    await clock.advance(2900);
    expect(events).toEqual([]);
    await clock.advance(100);
    expect(events).toEqual(['probe at 3000', 'new connections', 'list cut at 3000']);
  });
});

describe('a line that answers no probe', () => {
  it('is asked until it answers, and then what was silent is cut and its return is told', async () => {
    const { clock, events, line, begin, beginWatch } = setUp();
    beginWatch('watch');
    line.isUp = false;
    begin('call', CALL);
    await clock.advance(2500);
    line.isUp = true;
    await clock.advance(500);
    expect(events).toEqual([
      'probe at 1000',
      'probe at 2000',
      'probe at 3000',
      'new connections',
      'watch cut at 3000',
      'call cut at 3000',
      'recovered',
    ]);
  });

  it('leaves a watch that has spoken since the last missed probe was sent', async () => {
    const { clock, events, line, begin, beginWatch } = setUp();
    const watch = beginWatch('watch');
    line.isUp = false;
    begin('broken', CALL).end('broken');
    await clock.advance(500);
    watch.heard();
    line.isUp = true;
    await clock.advance(500);
    expect(events).toEqual(['probe at 0', 'probe at 1000', 'new connections', 'recovered']);
  });

  it('has a watch cut that spoke just before', async () => {
    const { clock, events, line, begin, beginWatch } = setUp();
    const watch = beginWatch('watch');
    await clock.advance(1000);
    watch.heard();
    await clock.advance(1);
    line.isUp = false;
    begin('broken', CALL).end('broken');
    await settle();
    line.isUp = true;
    await clock.advance(1000);
    expect(events.at(-2)).toBe('watch cut at 2001');
  });

  it('is left alone when the program ends', async () => {
    const { clock, events, line, stop, begin } = setUp();
    line.isUp = false;
    begin('broken', CALL).end('broken');
    await settle();
    stop.abort();
    await clock.advance(10_000);
    expect(events).toEqual(['probe at 0']);
    expect(clock.sleeping()).toEqual([]);
  });
});

describe('an API server that is merely slow', () => {
  it('gets a longer time for a call with each cut, up to its time limit', async () => {
    const { clock, events, begin } = setUp();
    begin('second try', { ...CALL, cuts: 1 });
    begin('third try', { ...CALL, cuts: 2 });
    await clock.advance(10_000);
    expect(events).toEqual(['probe at 1000', 'new connections', 'second try cut at 4000']);
  });

  it('gets its watches back for longer with each cut', async () => {
    const { clock, events, begin, beginWatch } = setUp();
    const lives: number[] = [];
    for (let i = 0; i < 9; i++) {
      const startedAt = clock.now();
      const watch = beginWatch('watch');
      while (!watch.isCut()) {
        const call = begin('call', CALL);
        await clock.advance(1500);
        call.end('over');
      }
      watch.end('over');
      lives.push(clock.now() - startedAt);
    }
    // A bookmark a minute comes through in the end.
    expect(lives.at(-1)).toBeGreaterThan(60_000);
    expect(events.filter((event) => event.startsWith('watch cut'))).toHaveLength(9);
  });

  it('is found not to be slow when a call that was cut is answered at once the next time', async () => {
    const { clock, begin, beginWatch } = setUp();
    for (let i = 0; i < 8; i++) {
      const call = begin('call', CALL);
      const watch = beginWatch('watch');
      await clock.advance(1500);
      expect([call.isCut(), watch.isCut()]).toEqual([true, true]);
      call.end('over');
      watch.end('over');
      const again = begin('again', { ...CALL, cuts: 1 });
      await clock.advance(100);
      again.heard();
      again.end('over');
    }
  });

  it('is not told apart by connections that break', async () => {
    const { clock, events, begin, beginWatch } = setUp();
    for (let i = 0; i < 40; i++) {
      if (i % 10 === 0) beginWatch('watch');
      begin('call', CALL).end(i % 10 === 5 ? 'silent' : 'broken');
      await clock.advance(1000);
    }
    expect(events.filter((event) => event.startsWith('watch cut'))).toEqual([
      'watch cut at 5000',
      'watch cut at 15000',
      'watch cut at 25000',
      'watch cut at 35000',
    ]);
  });

  it('is forgotten after a time without trouble', async () => {
    const { clock, begin, beginWatch } = setUp();
    for (let i = 0; i < 5; i++) {
      beginWatch('watch');
      begin('call', CALL);
      await clock.advance(8000);
    }
    const watch = beginWatch('watch');
    begin('call', CALL);
    await clock.advance(1000);
    expect(watch.isCut()).toBe(true);
  });
});

it('asks once a second at most, whatever breaks how often', async () => {
  const { clock, events, begin } = setUp();
  for (let i = 0; i < 49; i++) {
    begin('broken', CALL).end('broken');
    await clock.advance(100);
  }
  expect(events).toEqual(['probe at 0', 'probe at 1000', 'probe at 2000', 'probe at 3000', 'probe at 4000']);
});

it('does nothing while nothing is under way', async () => {
  const { clock, events, begin, beginWatch } = setUp();
  beginWatch('watch');
  begin('call', CALL).end('over');
  await clock.advance(250);
  expect(clock.sleeping()).toEqual([]);
  await clock.advance(3_600_000);
  expect(events).toEqual([]);
});
