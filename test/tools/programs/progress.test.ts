import { describe, expect, test } from 'vitest';
import { formatDuration, terminalProgress } from '../../../tools/programs/progress.ts';

function record(isTTY: boolean, columns?: number) {
  let written = '';
  const clock = { now: 0 };
  const stream = {
    isTTY,
    ...(columns === undefined ? {} : { columns }),
    write(text: string) {
      written += text;
    },
  };
  const progress = terminalProgress(stream, () => clock.now);
  return { progress, clock, written: () => written };
}

describe('on a terminal', () => {
  test('the status is one line that is rewritten', () => {
    const { progress, written } = record(true);
    progress.show('1 of 2');
    progress.show('2 of 2');
    progress.show('2 of 2');
    progress.show('');
    expect(written()).toBe('\r\u001B[2K1 of 2\r\u001B[2K2 of 2\r\u001B[2K');
  });

  test('a line that stays goes above the status', () => {
    const { progress, written } = record(true);
    progress.show('1 of 2');
    progress.say('built the first');
    expect(written()).toBe('\r\u001B[2K1 of 2\r\u001B[2Kbuilt the first\n1 of 2');
  });

  test('a status never wraps', () => {
    const { progress, written } = record(true, 10);
    progress.show('building kube-apiserver');
    expect(written()).toBe('\r\u001B[2Kbuilding ');
  });
});

describe('on anything else', () => {
  test('a status is a line when nothing was printed for ten seconds', () => {
    const { progress, clock, written } = record(false);
    progress.say('building');
    for (const [now, status] of [
      [9_999, 'too early'],
      [10_000, 'first'],
      [19_999, 'too early'],
      [20_000, 'second'],
      [31_000, ''],
      [31_000, 'third'],
    ] as const) {
      clock.now = now;
      progress.show(status);
    }
    expect(written()).toBe('building\nfirst\nsecond\nthird\n');
  });

  test('a line that stays counts as something printed', () => {
    const { progress, clock, written } = record(false);
    clock.now = 9_000;
    progress.say('built');
    clock.now = 12_000;
    progress.show('too early');
    expect(written()).toBe('built\n');
  });
});

test.each([
  [0, '0s'],
  [59_999, '59s'],
  [60_000, '1m00s'],
  [72_400, '1m12s'],
  [3_599_999, '59m59s'],
  [3_720_000, '1h02m'],
])('%d ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
